"""Stores in memory, for tests that need a store but no disk."""

from dataclasses import replace
from threading import Lock

from oncommons.storage.chain import Event, Head, next_entry
from oncommons.storage.worklist import MOST_ATTEMPTS, Task, Work


class MemoryWorkList:
    """A work list that forgets everything when the process ends."""

    def __init__(self):
        self.jobs, self.work, self.leased_until = {}, {}, {}
        self.lock = Lock()

    def add(self, job, recipients, handed=(), until=0, event=None):
        with self.lock:
            if job.id in self.jobs:
                return False
            self.jobs[job.id] = job
            for name in recipients:
                leased = name in handed
                self.work[job.id, name] = Work(job.id, name, "leased" if leased else "waiting", int(leased), "", None)
                self.leased_until[job.id, name] = until
            return True

    def has_work(self, recipient, now):
        return bool(self._ready(recipient, now))

    def lease(self, recipient, now, seconds):
        with self.lock:
            return [self._hand_out(work, now + seconds) for work in self._ready(recipient, now)]

    def finish(self, job, recipient, result, now, event=None):
        with self.lock:
            work = self.work.get((job, recipient))
            if work is None:
                return "unknown"
            if work.state not in {"waiting", "leased"}:
                return "cancelled" if work.state == "cancelled" else "duplicate"
            state = "late" if now > self.jobs[job].deadline else "done"
            self.work[job, recipient] = replace(work, state=state, result=result, finished=now)
            return "late" if state == "late" else "accepted"

    def cancel(self, recipient, now):
        with self.lock:
            for key, work in self.work.items():
                if work.recipient == recipient and work.state in {"waiting", "leased"}:
                    self.work[key] = replace(work, state="cancelled", finished=now)

    def withdraw(self, job, now):
        with self.lock:
            for key, work in self.work.items():
                if work.job == job and work.state in {"waiting", "leased"}:
                    self.work[key] = replace(work, state="cancelled", finished=now)

    def job(self, job):
        return self.jobs.get(job)

    def progress(self, job):
        return sorted((w for w in self.work.values() if w.job == job), key=lambda w: w.recipient)

    def forget(self, before):
        with self.lock:
            old = {job.id for job in self.jobs.values() if job.deadline < before}
            self.jobs = {key: job for key, job in self.jobs.items() if key not in old}
            self.work = {key: work for key, work in self.work.items() if work.job not in old}
            return len(old)

    def _ready(self, recipient, now):
        free = [w for w in self.work.values() if w.recipient == recipient and self._is_free(w, now)]
        return sorted(free, key=lambda w: self.jobs[w.job].made)

    def _is_free(self, work, now):
        expired = work.state == "leased" and self.leased_until[work.job, work.recipient] <= now
        in_time = self.jobs[work.job].deadline > now and work.attempts < MOST_ATTEMPTS
        return in_time and (work.state == "waiting" or expired)

    def _hand_out(self, work, until):
        key = (work.job, work.recipient)
        self.leased_until[key] = until
        self.work[key] = replace(work, state="leased", attempts=work.attempts + 1)
        job = self.jobs[work.job]
        return Task(job.id, job.order, job.deadline, work.attempts + 1)


class MemoryHubLog:
    """An audit log of a hub in memory; what is only judged when it is entered, it does not take."""

    def __init__(self):
        self.entries = []

    def head(self):
        return self.entries[-1].head if self.entries else Head()

    def enter(self, *events: Event):
        for event in events:
            self.entries.append(next_entry(event, self.head()))
        return self.head()
