"""The arithmetic of the comparison."""

from deploy.bench import installing
from deploy.bench.figures import Measured, Verdict, percentile, ratio, thrift
from deploy.bench.report import Report


def rounds(name, *rates, cost=100.0):
    return Measured(name, list(rates), [cost] * len(rates))


def test_each_round_is_held_against_its_neighbour():
    ours, theirs = rounds("ours", 200, 20, 210), rounds("theirs", 100, 10, 70)
    assert ratio(ours, theirs) == 2


def test_a_round_that_the_machine_disturbed_does_not_decide():
    assert ratio(rounds("ours", 300, 1, 300), rounds("theirs", 100, 100, 100)) == 3


def test_thrift_is_how_much_less_processor_each_takes():
    assert thrift(rounds("ours", 1, cost=50), rounds("theirs", 1, cost=150)) == 3


def test_a_measured_round_becomes_a_rate_and_a_cost():
    measured = Measured("x")
    measured.add(500, 2.0, 0.1)
    assert (measured.rate, measured.cost) == (250, 200)


def test_the_percentile_of_few_values_is_the_last():
    assert percentile([3, 1, 2], 0.99) == 3


def test_a_floor_and_a_ceiling_are_judged_apart():
    assert Verdict("rpc", "peer", 2.1, 2.0).ok
    assert not Verdict("rpc", "peer", 1.9, 2.0).ok
    assert Verdict("memory", "peer", 1.2, 1.3, at_most=True).ok
    assert not Verdict("memory", "peer", 1.4, 1.3, at_most=True).ok


def test_a_figure_nobody_asked_for_is_shown_and_not_judged():
    report = Report(short=False, servers="", peers={})
    report.verdicts += [Verdict("rpc", "stock", 2.5, 2.0), Verdict("rpc, servers alone", "stock", 0.1, None)]
    assert report.last_line == "verdict: ok (1 of 1 reached)"
    assert report.verdicts[1].words == ("rpc, servers alone", "stock", "0.10 ×", "", "shown")


def test_the_last_line_names_what_was_missed():
    report = Report(short=False, servers="", peers={})
    report.verdicts += [Verdict("rpc", "stock", 2.5, 2.0), Verdict("memory", "stock", 1.4, 1.3, at_most=True)]
    assert report.last_line.startswith("verdict: miss (1 of 2 reached; missed: memory against stock: 1.40 ×, ≤ 1.30 ×")
    assert [one.line for one in report.missed] == ["memory"]


def test_a_short_form_judges_no_figure():
    report = Report(short=True, servers="", peers={}, verdicts=[Verdict("rpc", "stock", 0.1, 2.0)])
    assert report.last_line.startswith("verdict: ok (a short form")


def test_a_line_that_breaks_off_is_a_miss_and_the_rest_is_told():
    report = Report(short=True, servers="", peers={}, verdicts=[Verdict("rpc", "stock", 2.5, 2.0)])
    with report.kept("events"):
        raise TimeoutError("not so after 120 s")
    assert not report.ok
    assert "events (TimeoutError: not so after 120 s)" in report.last_line
    assert report.last_line.startswith("verdict: miss (1 of 1 reached")


def test_the_lock_of_the_peers_pins_every_library_by_hash_and_names_no_host():
    lock = installing.LOCK.read_text()
    assert "nameko==2.14.1" in lock
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if "==" in line]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
