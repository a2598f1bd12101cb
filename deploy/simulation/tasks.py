"""Greenlets that go on only when the schedule says so, and a clock that moves with the steps."""

from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

TICK = 0.02  # seconds a step lasts


class Killed(BaseException):
    """kill -9: no `except Exception` of the process sees it."""


class Task:
    """One thread of a process: where it stands, and whether it could go on."""

    __slots__ = ("at", "greenlet", "name", "process", "ready")

    def __init__(self, process: Any, name: str, work: Callable[[], Any]) -> None:
        self.process, self.name = process, name
        self.at = "begins"
        self.ready: Callable[[], bool] | None = None
        self.greenlet = greenlet(work)


class Schedule:
    """All tasks of a world. One runs at a time, from one `pause` to its next."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.present: Task | None = None
        self.clock = 0.0

    def spawn(self, process: Any, name: str, work: Callable[[], Any]) -> None:
        self.tasks.append(Task(process, name, work))

    def pause(self, at: str, ready: Callable[[], bool] | None = None) -> None:
        """The present task stops here until a step lets it go on; outside any task nothing stops."""
        task = self.present
        if task is None or task.greenlet is not getcurrent():
            return
        task.at, task.ready = at, ready
        task.greenlet.parent.switch()

    def sleep(self, seconds: float) -> None:
        wake = self.clock + seconds
        self.pause("sleeps", lambda: self.clock >= wake)

    def can_go_on(self, start: int) -> Task | None:
        """The first task that could go on, looked for from a place in the row."""
        tasks, number = self.tasks, len(self.tasks)
        for place in range(start, start + number):
            task = tasks[place % number]
            if task.ready is None or task.ready():
                return task
        return None

    def run(self, task: Task) -> None:
        """From where it stands to its next pause; an exception that ends it is the caller's."""
        self.present, task.ready = task, None
        task.greenlet.parent = getcurrent()
        try:
            task.greenlet.switch()
        finally:
            self.present = None
            if task.greenlet.dead and task in self.tasks:
                self.tasks.remove(task)

    def kill(self, process: Any) -> None:
        """Every task of the process is gone at once."""
        doomed = [task for task in self.tasks if task.process is process]
        self.tasks = [task for task in self.tasks if task.process is not process]
        for task in doomed:
            if task.greenlet:
                try:
                    task.greenlet.throw(Killed())
                except (Killed, GreenletExit):
                    continue


class Flag:
    """threading.Event for tasks."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule, self._set = schedule, False

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        end = self._schedule.clock + (timeout if timeout is not None else 1e12)
        self._schedule.pause("waits", lambda: self._set or self._schedule.clock >= end)
        return self._set


class Gate:
    """threading.Semaphore for tasks."""

    def __init__(self, schedule: Schedule, places: int) -> None:
        self._schedule, self._places = schedule, places

    def __enter__(self) -> None:
        self._schedule.pause("at the gate", lambda: self._places > 0)
        self._places -= 1

    def __exit__(self, *_: object) -> None:
        self._places += 1
