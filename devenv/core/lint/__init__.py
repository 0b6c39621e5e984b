"""The rules: what each looks for in a resolved stack. One module per family."""
