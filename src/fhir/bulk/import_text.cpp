#include "fhir/bulk/import_text.hpp"

#include <zlib.h>

#include <algorithm>

namespace vigil::fhir {
namespace {

constexpr std::size_t unpack_bytes = std::size_t{256} << 10;  // at a time, however well packed
constexpr std::string_view gzip_magic = "\x1f\x8b";

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

class Gunzip {
public:
    Gunzip() {
        constexpr int gzip_only = 16;
        is_open_ = inflateInit2(&stream_, gzip_only + MAX_WBITS) == Z_OK;
    }
    ~Gunzip() {
        if (is_open_) inflateEnd(&stream_);
    }
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;

    // Takes what it used off the front of `raw`. Members follow each other (RFC 1952 2.2).
    Result<void> run(std::string& raw, std::string& out) {
        if (!is_open_) return fail(Error::Kind::internal, "no memory to unpack the file");
        const auto before = out.size();
        out.resize(before + unpack_bytes);
        stream_.next_in = reinterpret_cast<Bytef*>(raw.data());  // NOLINT(*-reinterpret-cast)
        stream_.avail_in = static_cast<uInt>(raw.size());
        stream_.next_out =
            reinterpret_cast<Bytef*>(out.data() + before);  // NOLINT(*-reinterpret-cast)
        stream_.avail_out = static_cast<uInt>(unpack_bytes);
        int state = Z_OK;
        // Once also without bytes, if text of those before did not fit.
        for (bool once = has_more_;
             state == Z_OK && stream_.avail_out > 0 && (stream_.avail_in > 0 || (once && !ended_));
             once = false) {
            if (ended_) inflateReset(&stream_);
            state = inflate(&stream_, Z_NO_FLUSH);
            ended_ = state == Z_STREAM_END;
            if (ended_) state = Z_OK;
        }
        raw.erase(0, raw.size() - stream_.avail_in);
        out.resize(out.size() - stream_.avail_out);
        has_more_ = stream_.avail_out == 0 && !ended_;
        if (state != Z_OK && state != Z_BUF_ERROR)
            return fail(Error::Kind::malformed, "the file is no whole gzip file");
        return {};
    }
    bool ended() const { return ended_; }
    // Text that did not fit, though all bytes are taken.
    bool has_more() const { return has_more_; }

private:
    z_stream stream_{};
    bool is_open_ = false, ended_ = false, has_more_ = false;
};

ImportText::ImportText(std::unique_ptr<ImportSource> source, const ImportPlace& place)
    : source_(std::move(source)), place_(place) {
    // A source that goes on inside the text is no packed one: that begins at its start.
    is_known_ = source_->begins_at() > 0;
    pass_over_ = place.offset - std::min(place.offset, source_->begins_at());
}

ImportText::~ImportText() = default;

Result<ImportText::State> ImportText::next(Line& line) {
    for (;;) {
        line = {};
        if (take_line(line, false)) return State::line;
        VIGIL_TRY(filled, fill());
        if (filled == State::line) continue;
        if (filled == State::waiting) return State::waiting;
        line = {};
        return take_line(line, true) ? State::line : State::end;
    }
}

// True: there is a line that is no blank one.
bool ImportText::take_line(Line& line, bool is_last) {
    for (;;) {
        auto end = text_.find('\n', scanned_);
        if (end == std::string::npos) {
            scanned_ = text_.size();
            if (text_.size() - taken_ > line_bytes_max) {
                skipping_ = true;
                skipped_ += text_.size() - taken_;
                text_.clear();
                taken_ = scanned_ = 0;
            }
            if (!is_last || (taken_ == text_.size() && !skipping_)) return false;
            end = text_.size();
        }
        const auto found = std::string_view(text_).substr(taken_, end - taken_);
        const bool has_break = end < text_.size();
        place_.offset += skipped_ + found.size() + (has_break ? 1 : 0);
        ++place_.line;
        line.is_too_long = skipping_;
        if (!skipping_ && !is_blank(found)) line.text = found;
        skipping_ = false;
        skipped_ = 0;
        taken_ = scanned_ = has_break ? end + 1 : end;
        if (line.is_too_long || !line.text.empty()) return true;
    }
}

// More text, if there is some.
Result<ImportText::State> ImportText::fill() {
    text_.erase(0, taken_);
    scanned_ -= taken_;
    taken_ = 0;
    const auto before = text_.size();
    const bool has_more = gunzip_ && (!raw_.empty() || gunzip_->has_more());
    if (!has_more && source_ended_) {
        if (gunzip_ && !gunzip_->ended())
            return fail(Error::Kind::malformed, "the file is no whole gzip file");
        return State::end;
    }
    if (!has_more) {
        auto& into = is_known_ && !gunzip_ ? text_ : raw_;
        VIGIL_TRY(more, source_->next(into));
        source_ended_ = !more;
        if (!is_known_ && raw_.size() < gzip_magic.size() && !source_ended_) return State::waiting;
        if (!is_known_) {
            is_known_ = true;
            place_.is_packed = raw_.starts_with(gzip_magic);
            if (place_.is_packed)
                gunzip_ = std::make_unique<Gunzip>();
            else
                text_ += std::exchange(raw_, {});
        }
    }
    if (gunzip_ && (!raw_.empty() || gunzip_->has_more())) VIGIL_CHECK(gunzip_->run(raw_, text_));
    const auto passed = std::min<std::uint64_t>(pass_over_, text_.size() - before);
    text_.erase(before, passed);
    pass_over_ -= passed;
    if (text_.size() > before || passed > 0) return State::line;
    return source_ended_ || has_more ? State::line : State::waiting;
}

Result<std::string> unpacked(std::string bytes, std::size_t bytes_max) {
    if (!bytes.starts_with(gzip_magic)) return bytes;
    Gunzip gunzip;
    std::string text;
    while (!bytes.empty() || gunzip.has_more()) {
        VIGIL_CHECK(gunzip.run(bytes, text));
        if (text.size() > bytes_max)
            return fail(Error::Kind::too_large, "the file is too large to be read at once");
    }
    if (!gunzip.ended()) return fail(Error::Kind::malformed, "the file is no whole gzip file");
    return text;
}

}  // namespace vigil::fhir
