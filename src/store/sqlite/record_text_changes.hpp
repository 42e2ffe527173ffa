#pragma once
// What a transaction changes of the full text. FTS5 writes all it has gathered at each savepoint, a
// segment a time, and there is a savepoint a job: so it is told at the end, of all jobs together,
// in the order of the resources.

#include <cstdint>
#include <string>
#include <vector>

#include "store/records.hpp"
#include "store/sqlite/store_file.hpp"

namespace vigil::store::sqlite {

// On the writer's thread.
class TextChanges {
public:
    // As put_words and change_strings take them.
    void words(std::uint64_t record, std::string_view narrative, std::string_view content);
    void strings(std::uint64_t record, std::string before, std::string after);

    // Where a job begins; if it is rolled back, so is what it changed, and what was written within
    // it must be written again.
    struct Mark {
        std::size_t count = 0, written = 0;
    };
    Mark mark() const { return {changes_.size(), written_}; }
    void undo(const Mark& mark);
    // So much waits that it is better written within the job.
    bool is_full() const { return bytes_ > bytes_max; }

    void begin();  // of a transaction
    // What has not been written.
    Result<void> write(Database& database);

private:
    struct Change {
        std::uint64_t record = 0;
        bool of_words = false;  // else of strings
        std::string before, after;
        std::string narrative, content;
    };
    static constexpr std::size_t bytes_max = 16U << 20U;
    std::vector<Change> changes_;
    std::size_t written_ = 0;  // so many of them
    std::size_t bytes_ = 0;    // of those that are not
};

// Whether a search reads the full text, which must be up to date then.
bool asks_for_text(const Condition& condition);

}  // namespace vigil::store::sqlite
