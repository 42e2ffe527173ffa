#!/usr/bin/python3
"""Every command of docs/guides/fhir.md, as it stands there, with what it says comes back."""
import os
import pathlib
import subprocess
import unittest

from ward import BINARY, ServerTest, wait_until

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/guides/fhir.md"


def commands():
    """(command, [what its answer holds]) in order; a command goes on over deeper indented lines."""
    found = []
    for line in GUIDE.read_text().splitlines():
        if line.startswith("    #> "):
            found[-1][1].append(line[7:])
        elif line.startswith("        "):
            found[-1] = (found[-1][0] + "\n" + line, found[-1][1])
        elif line.startswith("    "):
            found.append((line.strip(), []))
    return found


class Guide(ServerTest):
    def test_every_command_answers_as_the_guide_says(self):
        self.make_token()
        place = str(self.place)
        environment = {**os.environ, "PATH": f"{pathlib.Path(BINARY).parent}:{os.environ['PATH']}", "DATA": self.server.folder,
                       "VIGIL_ADMIN_PASSWORD": self.server.admin_password}
        shell = []  # the functions the guide has defined
        started = False
        for command, expected in commands():
            if "token issue" not in command and not started:
                self.server.start()
                started = True
                patient = self.add_patient("MRN-1")
                environment |= {"FHIR": self.server.url("/fhir"), "MQTT": str(self.server.port("mqtt")),
                                "DEVICE_TOKEN": self.add_device("monitor-1", patient)}
            if command.split()[0].endswith("()"):
                shell.append(command)
                continue
            with self.subTest(command):
                def answer(command=command):
                    done = subprocess.run(["bash", "-c", "\n".join([*shell, command])], cwd=place, env=environment, capture_output=True,
                                          text=True, timeout=60)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    return done.stdout
                if "MRN-1" in command:  # the Patient of someone who was registered is made at once, not before
                    wait_until(command, lambda answer=answer: '"entry"' in answer())
                text = answer()
                for part in expected:
                    self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main()
