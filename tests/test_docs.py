"""The docs say what the code does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_generated_reference_pages_are_up_to_date() -> None:
    result = subprocess.run([sys.executable, ROOT / "docs/generate", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_links_between_pages_lead_somewhere() -> None:
    import re

    broken = []
    for page in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("compose/*/*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []
