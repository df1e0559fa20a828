from dtmfphone.sip.schedule import Schedule


def test_alarms_go_off_in_their_order_and_once() -> None:
    schedule = Schedule()
    done: list[tuple[str, float]] = []
    schedule.at(2, lambda t: done.append(("late", t)))
    early = schedule.at(1, lambda t: done.append(("early", t)))
    never = schedule.at(1.5, lambda t: done.append(("never", t)))
    never.cancel()
    schedule.run(0.5)
    assert schedule.deadline == 1
    assert not done
    schedule.run(3)
    assert done == [("early", 3), ("late", 3)]
    early.cancel()
    schedule.run(4)
    assert len(done) == 2
    assert schedule.deadline is None


def test_what_an_alarm_sets_for_now_is_done_as_well() -> None:
    schedule = Schedule()
    done: list[float] = []

    def first(t: float) -> None:
        done.append(t)
        schedule.at(t, done.append)
        schedule.at(t + 1, done.append)

    schedule.at(1, first)
    schedule.run(1)
    assert done == [1, 1]
    assert schedule.deadline == 2
