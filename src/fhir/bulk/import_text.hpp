#pragma once
// An import's file as its lines: NDJSON (one resource a line), plain or as gzip (RFC 1952, which
// its first bytes say), read as it comes.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace vigil::fhir {

class Gunzip;

// Bytes as they come from a file or another server.
class ImportSource {
public:
    virtual ~ImportSource() = default;
    // Appends what came next, at most some hundred kilobytes; nothing may have come yet. False:
    // that was all. An error of kind `busy` may go away by itself: what follows can be asked for
    // again.
    virtual Result<bool> next(std::string& out) = 0;
    // Of its bytes, where it begins: what was asked for, or 0 where it begins at its start.
    virtual std::uint64_t begins_at() const = 0;
};

// Where the next line begins.
struct ImportPlace {
    std::uint64_t offset = 0;  // in the text, unpacked
    std::uint64_t line = 0;    // lines before it
    bool is_packed = false;    // gzip: can only be read from its start
};

class ImportText {
public:
    static constexpr std::size_t line_bytes_max = std::size_t{16} << 20;

    // Begins at `place`: what the source gives before it is passed over.
    ImportText(std::unique_ptr<ImportSource> source, const ImportPlace& place);
    ~ImportText();
    ImportText(const ImportText&) = delete;
    ImportText& operator=(const ImportText&) = delete;

    struct Line {
        std::string text;
        bool is_too_long = false;  // then without its text
    };
    enum class State : std::uint8_t { line, waiting, end };
    // The next line that is not blank. `waiting`: the source has given nothing more yet.
    Result<State> next(Line& line);
    // After the last line that was given.
    const ImportPlace& place() const { return place_; }

private:
    Result<State> fill();
    Result<void> unpack();
    bool take_line(Line& line, bool is_last);

    std::unique_ptr<ImportSource> source_;
    ImportPlace place_;
    std::uint64_t pass_over_ = 0;  // bytes of text
    std::string raw_;              // of a packed source, not unpacked yet
    std::string text_;
    std::size_t taken_ = 0, scanned_ = 0;  // of text_
    bool is_known_ = false, source_ended_ = false, skipping_ = false;
    std::uint64_t skipped_ = 0;  // of a line that is too long
    std::unique_ptr<Gunzip> gunzip_;
};

// The bytes of a whole file, unpacked where they are gzip; of at most so many bytes.
Result<std::string> unpacked(std::string bytes, std::size_t bytes_max);

}  // namespace vigil::fhir
