#pragma once
// SQLite writes each frame of its write-ahead log in two calls, a header of 24 bytes and a page,
// some hundred pairs a commit: a tenth of the writer's time. This VFS
// (https://www.sqlite.org/vfs.html) keeps what follows upon each other of such a file in memory and
// writes it at once, 124 KiB a call.
//
// Whoever writes through it must sync before what was written counts, as synchronous=FULL does: a
// frame is on the disk when xSync has returned, and no reader looks for one before the commit that
// syncs it. All other files are the underlying VFS's own.

#include <sqlite3.h>

#include <string>

namespace vigil::store::sqlite {

// The name under which it is registered over the VFS `base` (empty: the system's); empty if there
// is no such VFS. From any thread.
std::string gathering_vfs(const std::string& base);

}  // namespace vigil::store::sqlite
