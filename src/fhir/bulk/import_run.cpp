#include "fhir/bulk/import_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t issues_max = 10;  // that are told of one line
constexpr std::size_t words_max = 1'000;

Problem too_long() {
    return {413,
            {{Severity::error,
              "too-long",
              fmt::format("the line is longer than {} bytes", ImportText::line_bytes_max),
              {}}}};
}

// What follows waits until these are written: Patients are given numbers first, and a refused
// SearchParameter makes each of its batch be written on its own.
bool keeps_waiting(const ImportBatch& batch) {
    return std::ranges::any_of(batch.all, [](const ImportBatch::One& one) {
        if (!one.job || one.same_as) return false;
        return one.entry().type == "Patient" || one.entry().type == "SearchParameter";
    });
}

}  // namespace

void ImportFindings::add(std::uint64_t line, const Problem& problem) {
    std::vector<Issue> issues;
    for (const auto& issue : problem.issues) {
        if (issues.size() == issues_max) break;
        issues.push_back(issue);
        auto& words = issues.back().diagnostics;
        if (words.size() > words_max) words.resize(words_max);
        words = fmt::format("line {}: {}", line, words);
    }
    ndjson += outcome(issues);
    ndjson += '\n';
    ++count;
}

// What other threads change of a run, and may outlive it.
struct ImportRun::Shared {
    mutable std::mutex mutex;
    std::condition_variable changed;
    bool cancelled = false;
};

// Lines on their way into the store.
struct ImportRun::Flight {
    std::vector<ImportLine> lines;
    std::vector<std::uint64_t> numbers;                       // of those lines
    std::vector<std::pair<std::uint64_t, Problem>> unusable;  // lines that are no resource at all
    ImportPlace after;

    // Under the mutex.
    enum class Step : std::uint8_t { preparing, ready, writing, landed };
    Step step = Step::preparing;
    std::shared_ptr<ImportBatch> batch;
    bool holds = false;  // those that follow wait for its end
    Result<std::vector<Imported>> result = std::vector<Imported>();
};

struct ImportRun::Input {
    std::size_t index = 0;
    const ImportInput& asked;
    ImportProgress progress;
    ImportPlace read;  // how far it is read
    std::unique_ptr<ImportText> text;
    unsigned failures = 0;
    std::chrono::steady_clock::time_point not_before{};  // a source that failed is asked again then
    bool ended = false;
    std::string failure{};
};

ImportRun::ImportRun(ImportWork work, ImportedBy by, Keep keep)
    : work_(std::move(work)),
      by_(std::move(by)),
      keep_(std::move(keep)),
      shared_(std::make_shared<Shared>()) {}
ImportRun::~ImportRun() = default;

bool ImportRun::is_cancelled() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->cancelled;
}

void ImportRun::cancel() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->cancelled = true;
    }
    shared_->changed.notify_all();
}

Result<void> ImportRun::run(ImportState state) {
    state_ = std::move(state);
    for (const auto& input : state_.inputs) told_ += input.told;
    for (std::size_t i = 0; i < state_.inputs.size(); ++i)
        if (!state_.inputs[i].is_done) VIGIL_CHECK(take(i));
    return {};
}

Result<void> ImportRun::take(std::size_t index) {
    Input input{.index = index,
                .asked = state_.request.inputs[index],
                .progress = state_.inputs[index],
                .read = state_.inputs[index].place,
                .text = {}};
    while (!is_cancelled()) {
        VIGIL_TRY(landed, land(input));
        if (input.ended && flights_.empty()) {
            finish(input);
            return {};
        }
        const bool wrote = write_next();
        const bool is_time = std::chrono::steady_clock::now() >= input.not_before;
        if (!input.ended && flights_.size() < batches_max && is_time) {
            read(input);
            continue;
        }
        if (landed || wrote) continue;
        std::unique_lock lock(shared_->mutex);
        const auto stirs = [this] {
            return shared_->cancelled || std::ranges::any_of(flights_, [this](const auto& one) {
                       return one->step == Flight::Step::landed ||
                              (one->step == Flight::Step::ready && !held_);
                   });
        };
        if (is_time)
            shared_->changed.wait(lock, stirs);
        else
            shared_->changed.wait_until(lock, input.not_before, stirs);
    }
    return fail(Error::Kind::conflict, "cancelled");
}

// Some lines more, as far as the source has given them.
void ImportRun::read(Input& input) {
    if (!input.text) {
        auto source = work_.open(input.asked.url, input.read.is_packed ? 0 : input.read.offset);
        if (!source) return source_failed(input, source.error());
        input.text = std::make_unique<ImportText>(std::move(*source), input.read);
    }
    auto flight = std::make_shared<Flight>();
    std::size_t bytes = 0;
    std::optional<Error> error;
    ImportText::Line line;
    while (flight->lines.size() < lines_together && bytes < bytes_together) {
        auto state = input.text->next(line);
        if (!state) {
            error = std::move(state).error();
            break;
        }
        if (*state == ImportText::State::waiting) break;
        input.ended = *state == ImportText::State::end;
        if (input.ended) break;
        input.read = input.text->place();
        if (line.is_too_long) {
            flight->unusable.emplace_back(input.read.line, too_long());
            continue;
        }
        bytes += line.text.size();
        flight->lines.push_back({std::move(line.text), input.asked.type});
        flight->numbers.push_back(input.read.line);
    }
    if (!flight->lines.empty() || !flight->unusable.empty()) {
        input.failures = 0;
        flight->after = input.read;
        launch(std::move(flight));
    }
    if (error) source_failed(input, *error);
}

// It is asked again from where it stood; not for ever.
void ImportRun::source_failed(Input& input, const Error& error) {
    input.text.reset();
    if (error.kind == Error::Kind::busy && ++input.failures < tries_max) {
        input.not_before =
            std::chrono::steady_clock::now() + std::chrono::seconds(1U << (input.failures - 1));
        return;
    }
    input.ended = true;
    input.failure = fmt::format("it cannot be read beyond line {}: {}", input.read.line,
                                error.message.substr(0, words_max));
}

void ImportRun::launch(std::shared_ptr<Flight> flight) {
    flights_.push_back(flight);
    work_.in_background(
        [flight = std::move(flight), shared = shared_, by = by_, prepare = work_.prepare] {
            auto prepared = prepare(by, flight->lines);
            flight->lines = {};
            {
                const std::lock_guard lock(shared->mutex);
                if (prepared) {
                    flight->holds = keeps_waiting(**prepared);
                    flight->batch = std::move(*prepared);
                    flight->step = Flight::Step::ready;
                } else {
                    flight->result = tl::unexpected(std::move(prepared).error());
                    flight->step = Flight::Step::landed;
                }
            }
            shared->changed.notify_all();
        });
}

// The first that is not written yet, if it is ready. True: it is on its way.
bool ImportRun::write_next() {
    std::shared_ptr<Flight> flight;
    {
        const std::lock_guard lock(shared_->mutex);
        if (held_) return false;
        const auto next = std::ranges::find_if(flights_, [](const auto& one) {
            return one->step == Flight::Step::preparing || one->step == Flight::Step::ready;
        });
        if (next == flights_.end() || (*next)->step == Flight::Step::preparing) return false;
        flight = *next;
        flight->step = Flight::Step::writing;
        held_ = flight->holds;
    }
    work_.write(std::move(flight->batch),
                [flight, shared = shared_](Result<std::vector<Imported>> result) {
                    {
                        const std::lock_guard lock(shared->mutex);
                        flight->result = std::move(result);
                        flight->step = Flight::Step::landed;
                    }
                    shared->changed.notify_all();
                });
    return true;
}

// What is durable, in order: counted, and kept as done.
Result<bool> ImportRun::land(Input& input) {
    bool any = false;
    while (!flights_.empty()) {
        const auto flight = flights_.front();
        {
            const std::lock_guard lock(shared_->mutex);
            if (flight->step != Flight::Step::landed) return any;
            if (flight->holds) held_ = false;
        }
        if (!flight->result) return tl::unexpected(flight->result.error());
        flights_.pop_front();
        any = true;
        ImportFindings findings;
        auto& counts = input.progress.counts;
        for (const auto& [line, problem] : flight->unusable) tell(input, line, problem, findings);
        for (std::size_t i = 0; i < flight->result->size(); ++i) {
            const auto& one = (*flight->result)[i];
            if (one.how == Imported::How::created) ++counts.created;
            if (one.how == Imported::How::updated) ++counts.updated;
            if (one.how == Imported::How::unchanged) ++counts.unchanged;
            if (one.how == Imported::How::refused)
                tell(input, flight->numbers[i], one.problem, findings);
        }
        input.progress.place = flight->after;
        keep_(input.index, input.progress, std::move(findings));
    }
    return any;
}

void ImportRun::tell(Input& input, std::uint64_t line, const Problem& problem,
                     ImportFindings& findings) {
    ++input.progress.counts.refused;
    if (told_ >= told_max) return;
    ++told_;
    ++input.progress.told;
    findings.add(line, problem);
}

void ImportRun::finish(Input& input) {
    auto& progress = input.progress;
    progress.is_done = true;
    progress.failure = input.failure;
    ImportFindings findings;
    const bool hides_some = progress.counts.refused > progress.told;
    const auto say = [&](Severity severity, std::string_view code, std::string words) {
        findings.add(progress.place.line, {500, {{severity, code, std::move(words), {}}}});
        ++progress.told;
    };
    if (!input.failure.empty()) say(Severity::error, "incomplete", input.failure);
    if (hides_some)
        say(Severity::warning, "throttled",
            fmt::format("of {} lines that were refused not all are told of",
                        progress.counts.refused));
    keep_(input.index, progress, std::move(findings));
}

}  // namespace vigil::fhir
