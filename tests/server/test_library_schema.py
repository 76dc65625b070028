import pytest
from pydantic import ValidationError

from inkseek.server.library_schema import JobRequest


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "delete"},
        {"kind": "rebuild", "folders": ["/photos"]},
        {"kind": "index", "folders": []},
        {"kind": "index", "folders": [""]},
        {"kind": "index", "folders": ["a\0b"]},
        {"kind": "index", "folders": "/photos"},
        {"kind": "index", "allow_empty": True},
    ],
)
def test_a_job_that_is_not_known_is_refused(body):
    with pytest.raises(ValidationError):
        JobRequest.model_validate(body)


def test_all_folders_are_meant_when_none_is_named():
    assert JobRequest(kind="index").folders is None
