"""PostgreSQL 15 as Debian ships it, in a temporary folder, as a user without rights."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

import machine
from servers import Started, end, free_port, wait_for_port

programs = pathlib.Path("/usr/lib/postgresql/15/bin")


class Postgres(Started):
    def start(self, leaving):
        self.folder = tempfile.mkdtemp()
        leaving.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.as_user = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = "postgres" if any(each.pw_name == "postgres" for each in pwd.getpwall()) else "nobody"
            self.as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
            shutil.chown(self.folder, user)
        self.port = free_port()
        subprocess.run([programs / "initdb", "--pgdata", f"{self.folder}/data", "--username", "bench", "--auth", "trust"],
                       check=True, capture_output=True, cwd="/", **self.as_user)
        self.process = subprocess.Popen([programs / "postgres", "-D", f"{self.folder}/data", "-p", str(self.port), "-k", self.folder,
                                         "-c", "listen_addresses=127.0.0.1"], stderr=subprocess.DEVNULL, cwd="/", **self.as_user)
        leaving.callback(end, self.process)
        wait_for_port(self.port, self.process)
        for _ in range(600):  # it listens before it answers
            if subprocess.run([programs / "pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]).returncode == 0:
                return
            time.sleep(0.05)
        raise SystemExit("PostgreSQL did not start")

    def psql(self, sql, stdin=None):
        done = subprocess.run(["psql", "--host", "127.0.0.1", "--port", str(self.port), "--username", "bench", "--dbname", "postgres",
                               "--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1",
                               *(("--command", sql) if stdin is None or sql else ())], stdin=stdin, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def cpu_s(self):
        return machine.cpu_of_tree_s(self.process.pid)
