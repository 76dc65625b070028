def test_a_folder_without_a_recipe_is_not_a_run(inkseek, tmp_path):
    code, out, err = inkseek("export", tmp_path, "--out", tmp_path / "model")
    assert (code, out) == (1, "")
    assert "is not a run" in err
    assert not (tmp_path / "model").exists()


def test_a_system_without_export_says_so(inkseek, tmp_path):
    (tmp_path / "recipe.yaml").write_text("system: recogniser\n")
    code, _, err = inkseek("export", tmp_path, "--out", tmp_path / "model")
    assert code == 1
    assert "recogniser, which has no model folder" in err


def test_an_unfinished_run_is_one_line(inkseek, tmp_path):
    (tmp_path / "recipe.yaml").write_text("system: siamese\nname: mine\n")
    code, _, err = inkseek("export", tmp_path, "--out", tmp_path / "model")
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert "has no last.ckpt" in err
