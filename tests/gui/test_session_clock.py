from dtmfphone.gui.session_clock import SessionClock


def test_the_quickest_event_sets_the_time() -> None:
    now = 100.0
    clock = SessionClock(lambda: now)
    assert clock.now() == 0.0
    clock.observe(0.0)  # arrived 100 s after the other clock's zero
    now = 101.0
    clock.observe(1.2)  # quicker by 0.2 s
    assert round(clock.now(), 9) == 1.2
    now = 102.0
    clock.observe(1.5)  # late: changes nothing
    assert round(clock.now(), 9) == 2.2


def test_another_engine_starts_at_zero() -> None:
    clock = SessionClock(lambda: 50.0)
    clock.observe(20.0)
    clock.reset()
    clock.observe(0.5)
    assert clock.now() == 0.5
