/**
 * The code editor, loaded when a reader wants to edit.
 */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands"
import { python } from "@codemirror/lang-python"
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language"
import { searchKeymap } from "@codemirror/search"
import { EditorState } from "@codemirror/state"
import { EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view"
import { classHighlighter } from "@lezer/highlight"

/** A mounted editor. */
export interface Editor {
  getCode(): string
  setCode(code: string): void
  focus(): void
  destroy(): void
}

/** What an editor starts with and whom it tells. */
export interface EditorOptions {
  code: string
  /** Id of the text that says how the Tab key works. */
  hint: string
  onChange(): void
  onRun(): void
}

/**
 * Put an editor into `parent`.
 *
 * @param parent - Element that receives the editor
 * @param options - See {@link EditorOptions}
 *
 * @returns The editor
 */
export function mountEditor(parent: HTMLElement, options: EditorOptions): Editor {
  const run = (): boolean => {
    options.onRun()
    return true
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.code,
      extensions: [
        // Before the default keymap, which binds Mod-Enter to a blank line. Escape, then Tab leaves
        // the editor: CodeMirror does that by itself as long as nothing here binds Escape.
        keymap.of([
          { key: "Mod-Enter", run },
          { key: "Shift-Enter", run },
        ]),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap]),
        keymap.of([...defaultKeymap, indentWithTab]),
        history(),
        lineNumbers(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("    "),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        python(),
        syntaxHighlighting(classHighlighter),
        EditorState.tabSize.of(4),
        EditorState.phrases.of({
          "Find": "查找", "Replace": "替换", "next": "下一个", "previous": "上一个", "all": "全部",
          "match case": "区分大小写", "by word": "全词", "regexp": "正则", "replace": "替换",
          "replace all": "全部替换", "close": "关闭",
        }),
        EditorView.contentAttributes.of({
          "aria-label": "代码", "aria-describedby": options.hint, autocapitalize: "off",
        }),
        EditorView.updateListener.of(update => {
          if (update.docChanged) options.onChange()
        }),
      ],
    }),
  })
  return {
    getCode: () => view.state.doc.toString(),
    setCode(code) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } })
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
