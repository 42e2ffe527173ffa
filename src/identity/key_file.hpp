#pragma once
// Files that hold secrets: readable by their owner only, durable when written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::identity {

constexpr std::size_t key_file_bytes_max = std::size_t{256} << 20;

// A folder with mode 0700, made if it is not there.
Result<void> make_private_folder(const std::string& path);

enum class KeyReaders : std::uint8_t { owner, owner_and_group };
// Nothing: no such file. `forbidden` where group or others may read or write it.
Result<std::optional<std::string>> read_key_file(const std::string& path,
                                                 KeyReaders readers = KeyReaders::owner);

// The whole file or, after a crash, the one before: written beside it, synced, renamed.
Result<void> write_key_file(const std::string& path, std::string_view bytes);

// Adds to the end; durable when it returns. On failure what was written of it is taken back.
Result<void> append_key_file(const std::string& path, std::string_view bytes);

// The same, and what stood in the file before is overwritten where it lay. Whether the disk keeps
// it elsewhere still (a journal, worn cells) is beyond a program's reach.
Result<void> replace_key_file(const std::string& path, std::string_view bytes);

// The halves of that, for whoever has something to do between them. `path` + ".new", durable.
Result<void> write_key_file_beside(const std::string& path, std::string_view bytes);
// What stood under a name before another file took it.
class ReplacedKeyFile {
public:
    ReplacedKeyFile(int descriptor, std::string path);
    ReplacedKeyFile(const ReplacedKeyFile&) = delete;
    ReplacedKeyFile& operator=(const ReplacedKeyFile&) = delete;
    ReplacedKeyFile(ReplacedKeyFile&& other) noexcept;
    ReplacedKeyFile& operator=(ReplacedKeyFile&&) = delete;
    ~ReplacedKeyFile();
    // Where it lay; nothing where there was none.
    Result<void> overwrite() const;

private:
    int descriptor_;  // -1: there was none
    std::string path_;
};
// Renames, at once or not at all. Not durable before the folder is synced.
Result<ReplacedKeyFile> put_in_place(const std::string& from, const std::string& path);
Result<void> sync_folder_of(const std::string& path);

// Overwritten, then removed.
Result<void> destroy_key_file(const std::string& path);

// Durable; one that is not there is gone already.
Result<void> remove_key_file(const std::string& path);

Result<void> shorten_key_file(const std::string& path, std::size_t bytes);

}  // namespace vigil::identity
