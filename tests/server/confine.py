#!/usr/bin/python3
"""Runs a program under what packaging/systemd/vigil.service asks systemd for, as far as it can be had without systemd:

    confine.py WRITABLE-FOLDER PROGRAM WORDS...

the whole file system read-only but for one folder, a user of no privilege, no capabilities, no new privileges, no memory
that is both writable and executable, the unit's system calls and its address families. Exits 77 where this machine does
not allow that much."""
import ctypes
import os
import pathlib
import re
import subprocess
import sys

UNIT = pathlib.Path(__file__).resolve().parents[2] / "packaging/systemd/vigil.service"
CANNOT = 77
NOBODY = 65534
ALLOW, EPERM_ACTION = 0x7FFF0000, 0x00050001  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM)
COMPARE_EQUAL = 4  # SCMP_CMP_EQ
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
AT_RECURSIVE, MOUNT_ATTR_RDONLY, SYS_MOUNT_SETATTR = 0x8000, 1, 442
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1

libc = ctypes.CDLL(None, use_errno=True)


def give_up(why):
    print(f"confine: {why}", file=sys.stderr)
    sys.exit(CANNOT)


def settings(name):
    """The unit's values of one setting, in order."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.M)


# --- the file system ---

class MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


def set_read_only(path, read_only, flags=0):
    attributes = MountAttributes(set=MOUNT_ATTR_RDONLY if read_only else 0, clear=0 if read_only else MOUNT_ATTR_RDONLY)
    if libc.syscall(SYS_MOUNT_SETATTR, -100, path.encode(), flags, ctypes.byref(attributes), ctypes.sizeof(attributes)) != 0:
        give_up(f"cannot make mounts read-only: {os.strerror(ctypes.get_errno())}")


def shut_file_system(writable):
    """In a mount namespace of its own, which `unshare` made."""
    subprocess.run(["mount", "--bind", writable, writable], check=True)
    set_read_only("/", True, AT_RECURSIVE)
    set_read_only(writable, False)


# --- the kernel ---

def names_of(group):
    """The system calls of one of systemd's groups."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, capture_output=True, text=True).stdout
    names = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            names |= names_of(word)
        elif word and not word.startswith("#"):
            names.add(word)
    return names


def allowed_calls():
    allowed = set()
    for value in settings("SystemCallFilter"):
        for word in value.removeprefix("~").split():
            names = names_of(word) if word.startswith("@") else {word}
            allowed = allowed - names if value.startswith("~") else allowed | names
    # systemd sets its own filter after its last execve; here one is left to do.
    return allowed | {"execve"}


class Comparison(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def filter_calls(names):
    try:
        seccomp = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        give_up("there is no libseccomp")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Comparison)]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    context = seccomp.seccomp_init(EPERM_ACTION)

    def allow(name, *comparisons):
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0 and seccomp.seccomp_rule_add_array(context, ALLOW, number, len(comparisons),
                                                          (Comparison * len(comparisons))(*comparisons)) != 0:
            give_up(f"cannot allow {name}")

    families = [FAMILIES[word] for word in settings("RestrictAddressFamilies")[0].split()]
    for name in sorted(names - {"socket"}):
        allow(name)
    for family in families:
        allow("socket", Comparison(0, COMPARE_EQUAL, family, 0))
    if seccomp.seccomp_load(context) != 0:
        give_up("cannot load a filter of system calls")


def main():
    if sys.argv[1] == "--last-step":
        if libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
            print("confine: this kernel does not know MemoryDenyWriteExecute (6.3)", file=sys.stderr)
        filter_calls(set(sys.argv[2].split(",")))
        os.execv(sys.argv[3], sys.argv[3:])
    if sys.argv[1] == "--in-namespace":
        shut_file_system(sys.argv[2])
        calls = ",".join(sorted(allowed_calls()))
        os.execvp("setpriv", ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                              "--no-new-privs", sys.executable, __file__, "--last-step", calls, *sys.argv[3:]])
    if os.geteuid() != 0:
        give_up("only root can make the namespace")
    os.execvp("unshare", ["unshare", "--mount", "--propagation=private", sys.executable, __file__, "--in-namespace", *sys.argv[1:]])


if __name__ == "__main__":
    main()
