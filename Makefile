# The commands of this project; `make` lists them.

PORT ?= 8000
ARGS ?=

# Hides an advertisement that the theme prints at every start.
export NO_MKDOCS_2_WARNING = 1

run := .venv/bin/python -m
prepare := python=$$(sh tools/find-python) && "$$python" tools/setup.py

.PHONY: help serve build test update-examples check clean

help: ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

serve: ## 准备环境，在本机打开网站；PORT=8001 换端口
	@$(prepare) site --port $(PORT)
	@$(run) mkdocs serve --dev-addr 127.0.0.1:$(PORT)

build: ## 生成静态网站，写到 site/
	@$(prepare) site
	@$(run) mkdocs build --strict

test: ## 准备测试环境（含浏览器），运行全部测试；ARGS="tests/site -k search" 只运行一部分
	@$(prepare) test
	@browser=$$($(run) tools.browser) && CHROMIUM_PATH="$$browser" $(run) pytest $(ARGS)

update-examples: ## 运行文档里的每段代码，把输出写到它下面
	@$(prepare) test
	@$(run) pytest tests/test_snippets.py -q --update-examples

check: ## 检查代码风格和类型
	@$(prepare) test
	@$(run) ruff check .
	@$(run) ruff format --check .
	@$(run) pyright

clean: ## 删除生成的网站和中间文件；下载的缓存和 .venv 留着
	rm -rf site .cache .pytest_cache .ruff_cache
