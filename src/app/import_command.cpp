// `vigil import`: sends files of resources to a running server, a few thousand resources at a time.
// Each is put under its own id, so that whatever was cut off can be sent again.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "app/commands.hpp"
#include "app/import_files.hpp"
#include "base/json_writer.hpp"
#include "base/percent.hpp"
#include "net/http_fetch.hpp"

namespace vigil::app {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{4} << 20, chunk_lines = 4'000;
constexpr unsigned tries_max = 6;  // of a chunk, while the server is busy or away
constexpr std::size_t refusals_shown = 20;
constexpr std::size_t files_at_once = 3;

class Import {
public:
    Import(OperatorOptions where, std::string authority_pem)
        : where_(std::move(where)), authority_(std::move(authority_pem)) {}

    Result<void> send(const std::vector<ImportFile>& files);
    struct Totals {
        std::uint64_t files = 0, created = 0, updated = 0, unchanged = 0, refused = 0;
        std::uint64_t all() const { return created + updated + unchanged + refused; }
    };
    const Totals& totals() const { return totals_; }

private:
    struct Chunk {
        std::string text;
        std::vector<std::uint64_t> numbers;
    };
    void send_file(const std::string& path);
    Result<void> send_chunk(const std::string& path, Chunk& chunk);
    Result<void> count(const std::string& path, const Chunk& chunk, std::string_view answer);
    Result<session::HttpResponse> ask(const std::string& method, const std::string& path,
                                      std::string body) const;
    std::string find(const std::string& conditional);
    void show_progress();

    OperatorOptions where_;
    std::string authority_;
    std::mutex mutex_;
    Totals totals_;
    std::size_t refusals_told_ = 0;
    std::unordered_map<std::string, std::string> found_;
    std::optional<Error> failed_;
    std::chrono::steady_clock::time_point shown_{};
};

Result<session::HttpResponse> Import::ask(const std::string& method, const std::string& path,
                                          std::string body) const {
    net::FetchRequest request;
    request.method = method;
    request.url = where_.server + path;
    request.headers = {{"authorization", "Bearer " + where_.token},
                       {"accept", "application/fhir+json"}};
    if (!body.empty()) request.headers.emplace_back("content-type", "application/fhir+ndjson");
    request.body = std::move(body);
    request.tls.ca_pem = authority_;
    request.time_max = std::chrono::minutes(5);
    Result<session::HttpResponse> answer = fail(Error::Kind::busy, "not asked");
    for (unsigned attempt = 0; attempt < tries_max; ++attempt) {
        if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(250U << attempt));
        answer = net::http_fetch(request);
        const bool is_busy = answer ? answer->status == 503 || answer->status == 429
                                    : answer.error().kind == Error::Kind::busy;
        if (!is_busy) break;
    }
    return answer;
}

// Asked of the server once; it may have been sent by a file before.
std::string Import::find(const std::string& conditional) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = found_.find(conditional); known != found_.end())
            return known->second;
    }
    const auto question = conditional.find('?');
    std::string path = "/fhir/" + percent_encoded(conditional.substr(0, question)) + "?_count=2";
    // As it stands in the Bundle, but for what a request line does not take.
    path += "&" + percent_encoded(conditional.substr(question + 1), "=&%");
    const auto answer = ask("GET", path, {});
    std::string reference;
    JsonDocument document;
    if (answer && answer->status == 200)
        if (const auto root = document.parse(answer->body); root && (*root)["entry"].size() == 1)
            reference = fmt::format("{}/{}", conditional.substr(0, question),
                                    (*root)["entry"][0]["resource"]["id"].string());
    const std::lock_guard lock(mutex_);
    found_[conditional] = reference;
    return reference;
}

Result<void> Import::send_chunk(const std::string& path, Chunk& chunk) {
    if (chunk.numbers.empty()) return {};
    {
        const std::lock_guard lock(mutex_);
        if (failed_) return tl::unexpected(*failed_);
    }
    VIGIL_TRY(answer, ask("POST", "/fhir/$import", chunk.text));
    if (answer.status != 200) {
        JsonDocument document;
        const auto root = document.parse(answer.body);
        const auto words = root ? (*root)["issue"][0]["diagnostics"].string() : std::string_view();
        const auto kind = answer.status == 401 || answer.status == 403   ? Error::Kind::forbidden
                          : answer.status == 404                         ? Error::Kind::unsupported
                          : answer.status == 413                         ? Error::Kind::too_large
                          : answer.status == 503 || answer.status == 429 ? Error::Kind::busy
                                                                         : Error::Kind::internal;
        return fail(kind, words.empty() ? fmt::format("the server answered {}", answer.status)
                                        : std::string(words));
    }
    auto counted = count(path, chunk, answer.body);
    chunk = {};
    return counted;
}

Result<void> Import::count(const std::string& path, const Chunk& chunk, std::string_view answer) {
    JsonDocument document;
    VIGIL_TRY(root, document.parse(answer));
    const std::lock_guard lock(mutex_);
    for (const auto parameter : root["parameter"]) {
        const auto name = parameter["name"].string();
        const auto count =
            static_cast<std::uint64_t>(parameter["valueInteger"].integer().value_or(0));
        if (name == "created") totals_.created += count;
        if (name == "updated") totals_.updated += count;
        if (name == "unchanged") totals_.unchanged += count;
        if (name == "refused") totals_.refused += count;
        if (name != "error" || ++refusals_told_ > refusals_shown) continue;
        // "line 12: …" of what was sent is another one of the file.
        std::string_view words = parameter["resource"]["issue"][0]["diagnostics"].string();
        constexpr std::string_view line = "line ";
        std::size_t number = 0;
        const auto colon = words.find(": ");
        if (words.starts_with(line) && colon != std::string_view::npos) {
            std::from_chars(words.data() + line.size(), words.data() + colon, number);
            words.remove_prefix(colon + 2);
        }
        const bool is_known = number > 0 && number <= chunk.numbers.size();
        fmt::print(stderr, "{}{}:{}: {}\n", ::isatty(STDERR_FILENO) != 0 ? "\r" : "", path,
                   is_known ? chunk.numbers[number - 1] : 0, words);
    }
    show_progress();
    return {};
}

// Under the mutex.
void Import::show_progress() {
    const auto now = std::chrono::steady_clock::now();
    if (::isatty(STDERR_FILENO) == 0 || now - shown_ < std::chrono::milliseconds(500)) return;
    shown_ = now;
    fmt::print(stderr, "\r{} files, {} resources, {} refused ", totals_.files, totals_.all(),
               totals_.refused);
}

void Import::send_file(const std::string& path) {
    Chunk chunk;
    auto done = read_import_file(
        path, [this](const std::string& conditional) { return find(conditional); },
        [&](const std::string& text, std::uint64_t number) -> Result<void> {
            if (!chunk.text.empty() && (chunk.text.size() + text.size() > chunk_bytes ||
                                        chunk.numbers.size() == chunk_lines))
                VIGIL_CHECK(send_chunk(path, chunk));
            chunk.text += text;
            chunk.text += '\n';
            chunk.numbers.push_back(number);
            return {};
        });
    if (done) done = send_chunk(path, chunk);
    const std::lock_guard lock(mutex_);
    ++totals_.files;
    if (done || failed_) return;
    failed_ = std::move(done).error();
    failed_->place = failed_->place.empty() ? path : path + " " + failed_->place;
}

// Several files of one rank at once: what they refer to is there.
Result<void> Import::send(const std::vector<ImportFile>& files) {
    for (std::size_t first = 0; first < files.size();) {
        auto last = first;
        while (last < files.size() && files[last].rank == files[first].rank) ++last;
        std::atomic<std::size_t> next = first;
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < std::min(files_at_once, last - first); ++i)
            threads.emplace_back([&] {
                for (auto at = next++; at < last; at = next++) send_file(files[at].path);
            });
        for (auto& thread : threads) thread.join();
        if (failed_) return tl::unexpected(*failed_);
        first = last;
    }
    return {};
}

}  // namespace

int import_resources(const OperatorOptions& where, Output output,
                     const std::vector<std::string>& named) {
    if (where.server.empty() || where.token.empty())
        return report({Error::Kind::malformed,
                       "resources are sent to a running server: name it with --server and "
                       "--api-token (or VIGIL_SERVER and VIGIL_TOKEN)",
                       {}});
    std::string authority;
    if (!where.authority.empty()) {
        std::ifstream file(where.authority, std::ios::binary);
        if (!file) return report({Error::Kind::not_found, "cannot be read", where.authority});
        authority.assign(std::istreambuf_iterator<char>(file), {});
    }
    const auto files = import_files(named);
    if (!files) return report(files.error());
    const auto began = std::chrono::steady_clock::now();
    Import import(where, std::move(authority));
    const auto sent = import.send(*files);
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const auto& totals = import.totals();
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
    if (output.json) {
        std::string text;
        JsonWriter(text)
            .begin_object()
            .member("files", totals.files)
            .member("created", totals.created)
            .member("updated", totals.updated)
            .member("unchanged", totals.unchanged)
            .member("refused", totals.refused)
            .end_object();
        fmt::print("{}\n", text);
    } else {
        fmt::print("{} files: {} created, {} updated, {} unchanged, {} refused, in {:.1f} s\n",
                   totals.files, totals.created, totals.updated, totals.unchanged, totals.refused,
                   seconds);
    }
    if (!sent) return report(sent.error());
    return totals.refused == 0 ? 0 : exit_status(Error::Kind::malformed);
}

}  // namespace vigil::app
