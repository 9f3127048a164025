"""The same decisions as the command, byte for byte, over every conformance case and the sessions of the examples."""

from __future__ import annotations

import pytest

from conftest import Case
from leverframe import Policy
from leverframe.records import RecordError, decisions


def decided(case: Case) -> str:
    policy = Policy.load(case.frame, accept_unproven=True)
    with case.record.open("rb") as lines:
        return "".join(line + "\n" for line in decisions(policy, lines))


def test_every_case_is_decided_as_the_command_decides_it(cases: list[Case]) -> None:
    assert len(cases) >= 300
    assert sum(case.decided.count("\n") for case in cases) >= 3000
    assert {case.name for case in cases if decided(case) != case.decided} == set()


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b"{}",
        b'{"tool":"files.read","event":"user.revoked","session":"s"}',
        b'{"session":"s","persona":"work","tool":"files.read"}',
        b'{"session":"s","session":"s","persona":"work","tool":"files.read","args":{}}',
        b'{"session":"\\ud800","persona":"work","tool":"files.read","args":{}}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{"path":NaN}}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{}} x',
        b'{"session":"s","persona":"work","tool":"files.read","args":{"path":"\xff"}}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{},"at":"noon"}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{},"at":1.5}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{},"approved":1}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{},"context":[]}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{},"result":{}}',
        b'{"session":"s","persona":"work","tool":"files.read","args":{"path":"a"},"result":{"ok":true,"labels":["unheard_of"]}}',
        b'{"session":"s","event":"unheard_of"}',
        b'{"session":"s","event":"user.revoked","args":{"reason":1}}',
        b'{"result_of":"1","result":{"ok":true}}',
    ],
)
def test_an_error_of_a_record_ends_it(policy: Policy, line: bytes) -> None:
    before = b'{"session":"s","persona":"work","tool":"files.read","args":{"path":"a"}}'
    found = decisions(policy, [before, b" ", line])
    with pytest.raises(RecordError) as error:
        list(found)
    assert error.value.number == 3


def test_an_id_is_one_call_s_and_a_result_comes_once(policy: Policy) -> None:
    call = b'{"session":"s","persona":"work","tool":"files.read","args":{"path":"a"},"id":"1"}'
    result = b'{"result_of":"1","result":{"ok":true}}'
    assert len(list(decisions(policy, [call, result]))) == 1
    for lines in ([call, call, result], [call, result, result], [result, call]):
        with pytest.raises(RecordError):
            list(decisions(policy, lines))


def test_arguments_reach_the_engine_as_they_stand(policy: Policy) -> None:
    for args in (b'{"path":"a","path":"b"}', b'{"path":"\\ud800"}', b"null", b"[1]", b'{"path":' + b"1" * 5000 + b"}"):
        line = b'{"session":"s","persona":"work","tool":"files.read","args":' + args + b"}"
        (decision,) = decisions(policy, [line])
        assert '"code":"malformed_arguments"' in decision
