"""`cockpit` as a child of a test: its lines as they come, and its end."""

import signal
import subprocess
import sys
import threading


class Program:
    """A command that runs until it is ended. A context manager: on leaving nothing of it is left."""

    def __init__(self, *words, env=None, cwd=None):
        command = [sys.executable, "-m", "cockpit", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, **pipes, text=True, env=env, cwd=cwd)
        self.lines, self.news = [], threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.process.stdout.closed:
            self.end()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def said(self, part, patience=60):
        """Wait for a line with `part`, and return it."""
        with self.news:
            self.news.wait_for(lambda: any(part in line for line in self.lines), patience)
            found = next((line for line in self.lines if part in line), None)
        assert found is not None, (part, self.lines)
        return found

    def end(self, number=signal.SIGKILL):
        """End it where it has not ended; return its code and what it said on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        self.reader.join()
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, errors
