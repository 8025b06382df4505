"""Puts the playground into one file, which also opens without a server.

    python3 docs/play/assemble.py MODULE PAGE

MODULE is the engine, a WebAssembly module that `./x play` builds. PAGE is the file to write.
"""

import base64
import gzip
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
HEAD = "// --- "
# The scripts of the page, in the order of their dependence.
SCRIPTS = ["dom.js", "editor.js", "view.js", "link.js", "page.js"]


def example(path):
    """The program of a case, and the arguments and the input that its first lines set."""
    lines = path.read_text().splitlines()
    top = next((at for at, line in enumerate(lines) if not line.startswith("//")), len(lines))
    code = max(at for at, line in enumerate(lines) if not line.startswith("//"))
    end = next((at for at in range(code, len(lines)) if lines[at].startswith(HEAD)), len(lines))
    settings = {}
    for line in lines[:top]:
        if line.startswith(HEAD):
            key, _, value = line[len(HEAD):].partition(" ")
            settings[key] = {"value": value, "lines": []}
        elif settings:
            settings[key]["lines"].append(re.sub("^// ?", "", line))
    program = [line for at, line in enumerate(lines[:end]) if at >= top or not line.startswith(HEAD)]
    stdin = settings.get("stdin", {"lines": []})["lines"]
    return {
        "file": path.stem,
        "text": "\n".join(program).strip() + "\n",
        "arguments": settings.get("args", {"value": ""})["value"],
        "stdin": "".join(line + "\n" for line in stdin),
    }


def page(module):
    """The text of the page."""
    examples = sorted((ROOT / "examples").glob("*.weft"))
    # A page has neither sockets, files, processes nor signals.
    examples = [path for path in examples if not re.search("import std[.](net|http|process|signal|fs)", path.read_text())]
    programs = [FOLDER / "welcome.weft", *examples]
    scripts = "".join((FOLDER / name).read_text() + "\n" for name in SCRIPTS)
    parts = {
        "theme.css": (ROOT / "compiler/src/pages/theme.css").read_text(),
        "play.css": (FOLDER / "play.css").read_text() + (FOLDER / "threads.css").read_text(),
        # In a script element, `<` might begin its end.
        "examples": json.dumps([example(path) for path in programs], ensure_ascii=False).replace("<", "\\u003c"),
        "engine": base64.b64encode(gzip.compress(module, mtime=0)).decode(),
        "worker.js": (FOLDER / "worker.js").read_text(),
        "page": "\"use strict\";\n" + scripts,
    }
    text = (FOLDER / "index.html").read_text()
    return re.sub(r"/\*(" + "|".join(map(re.escape, parts)) + r")\*/", lambda found: parts[found[1]], text)


def main():
    module, target = map(pathlib.Path, sys.argv[1:])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(module.read_bytes()), encoding="utf-8")


if __name__ == "__main__":
    main()
