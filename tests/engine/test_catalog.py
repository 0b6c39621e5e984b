from __future__ import annotations

import pytest

from devenv.engine.catalog import FolderCatalog, built_in_folder
from devenv.errors import Report
from devenv.ops.load import read_template


def test_only_folders_with_a_template_count_and_only_text_of_theirs_is_read(tmp_path):
    one = tmp_path / "root" / "one"
    (one / "image").mkdir(parents=True)
    (one / "template.yaml").write_text("template: 1\n")
    (one / "image" / "Dockerfile").write_text("FROM x\n")
    (one / "binary").write_bytes(b"\xff\xfe\x00")
    (one / "large").write_text("x" * ((1 << 20) + 1))
    (tmp_path / "outside").write_text("secret")
    (one / "link").symlink_to(tmp_path / "outside")
    (one / "inner").symlink_to(one / "template.yaml")
    (tmp_path / "root" / "empty").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "template.yaml").write_text("template: 1")
    (tmp_path / "root" / "away").symlink_to(tmp_path / "elsewhere")
    catalog = FolderCatalog(tmp_path / "root")
    assert catalog.names() == ["one"]
    assert set(catalog.files("one")) == {"template.yaml", "image/Dockerfile", "inner"}
    assert catalog.folder("one") == str(one)


def test_a_catalog_may_have_rules_but_none_from_elsewhere(tmp_path):
    assert FolderCatalog(tmp_path).policies() == []
    (tmp_path / "team").mkdir()
    (tmp_path / "policy.yaml").write_text("policy: 1\n")
    (tmp_path / "team" / "policy.yaml").symlink_to(tmp_path / "policy.yaml")
    assert FolderCatalog(tmp_path, "../team").policies() == [("../team/policy.yaml", "policy: 1\n")]
    assert FolderCatalog(tmp_path / "team").policies() == []


@pytest.mark.parametrize("name", ["", "..", "../one", "nope", "/etc"])
def test_a_name_cannot_leave_the_catalog(tmp_path, name):
    catalog = FolderCatalog(tmp_path)
    assert (catalog.folder(name), catalog.files(name)) == (None, {})


def test_without_a_folder_there_are_no_templates(tmp_path):
    assert FolderCatalog(tmp_path / "nothing").names() == []


@pytest.mark.parametrize("name", FolderCatalog().names())
def test_every_built_in_template_is_valid(name):
    report = Report()
    found = read_template(FolderCatalog(), name, report)
    assert found is not None and not report.problems, report.problems
    assert found.folder == str(built_in_folder() / name)
