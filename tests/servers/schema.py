"""The schemas by another's judgement: the sample is valid, slips are not. Needs jsonschema and PyYAML."""

import json
import pathlib
import subprocess
import sys

import jsonschema
import yaml

_, _, binary, root, *_ = sys.argv
content = pathlib.Path(root, "content")


def schema(kind):
    text = subprocess.run([binary, "schema", kind, "--root", root], check=True, capture_output=True).stdout
    found = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def head(file):
    text = file.read_text()
    loaded = yaml.load(text.split("---\n")[1], Loader=yaml.BaseLoader) if text.startswith("---\n") else {}
    return typed(loaded)


def typed(value):
    """Numbers and switches as YAML 1.2 has them; days stay texts."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdecimal() else value


def main():
    kinds = {kind: schema(kind) for kind in ("newsletter", "item", "article", "issue", "topic", "block")}
    kinds["newsletter"].validate(typed(yaml.load((content / "newsletter.yaml").read_text(), Loader=yaml.BaseLoader)))
    count = 0
    for file in sorted(content.rglob("*.md")):
        place = file.relative_to(content).parts
        kind = {"articles": "article", "topics": "topic", "blocks": "block"}.get(place[0], "item")
        kinds["issue" if file.name == "issue.md" else kind].validate(head(file))
        count += 1
    for kind, wrong in [
        ("item", {"titel": "a"}),
        ("item", {"title": "a", "section": "no-such-section"}),
        ("item", {"priority": 10}),
        ("item", {"date": "8 juin 2018"}),
        ("item", {"sources": [{"url": "https://a.example"}]}),
        ("article", {"title": "a"}),
        ("topic", {"description": "a"}),
        ("newsletter", {"title": "T", "language": "fr", "base_url": "https://t.example"}),
        ("newsletter", {"title": "T", "language": "fr", "base_url": "t.example", "sections": [{"name": "a"}]}),
    ]:
        assert not kinds[kind].is_valid(wrong), (kind, wrong)
    print(f"schema: {count} files of the sample and its settings are valid, 9 slips are not")


main()
