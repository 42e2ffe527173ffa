#include "fhir/bulk/export_job.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/subset.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

// Resources may be large, readings are not: a page of either is a few megabytes at most.
constexpr std::size_t page_of_records = 200, page_of_views = 4'000;
constexpr std::string_view views_begin = "v:";  // of ViewReader's cursors

// The ids in what look like references to Patients.
std::vector<std::string_view> patients_named(std::string_view text) {
    constexpr std::string_view prefix = "Patient/";
    std::vector<std::string_view> out;
    for (auto at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at)) {
        at += prefix.size();
        out.push_back(text.substr(at, text.find_first_of("\"/?#|", at) - at));
    }
    return out;
}

// By id, then the views by patient and time: an order in which nothing moves while others write.
// Alarms can be read from the newest on alone; what is sent meanwhile comes before where this is.
std::vector<store::SortKey> order_of(std::string_view type) {
    using By = store::SortKey::By;
    if (type == "Communication")
        return {{.by = By::parameter, .parameter = "sent", .descending = true}};
    return {{.by = By::id, .parameter = {}, .descending = false}};
}

}  // namespace

ExportJob::ExportJob(ExportRequest request, std::vector<std::string> members, Parts parts)
    : request_(std::move(request)), members_(std::move(members)), parts_(std::move(parts)) {
    for (std::size_t i = 0; i < members_.size(); ++i) member_order_.try_emplace(members_[i], i);
}

std::string ExportJob::progress() const {
    return fmt::format("{} resources, {} of {} types done", count_,
                       std::min(type_, request_.types.size()), request_.types.size());
}

store::RecordQuery ExportJob::query() const {
    const auto& type = request_.types[type_];
    store::AllOf all;
    if (of_members()) all.conditions.push_back(of_these_members());
    if (const auto filter = request_.filters.find(type); filter != request_.filters.end())
        all.conditions.push_back(filter->second);
    // Times are told to the millisecond: what was written within it may come twice, never not.
    if (request_.since)
        all.conditions.push_back({store::UpdatedMatch{
            store::Comparison::greater_equal,
            {*request_.since, *request_.since + std::chrono::milliseconds(1)}}});
    return {.type = type,
            .where = {std::move(all)},
            .sort = order_of(type),
            .after = after_,
            .count_max = after_.starts_with(views_begin) ? page_of_views : page_of_records};
}

store::Condition ExportJob::of_these_members() const {
    const auto& type = request_.types[type_];
    const auto to = std::min(members_from_ + members_together, members_.size());
    store::AnyOf any;
    const auto* membership = parts_.rest->definitions.compartment("Patient", type);
    for (auto i = members_from_; i < to; ++i) {
        if (type == "Patient") any.conditions.push_back({store::IdMatch{members_[i]}});
        if (membership == nullptr) continue;
        for (const auto parameter : membership->parameters)
            any.conditions.push_back(
                {store::ReferenceMatch{std::string(parameter), {"Patient", members_[i], {}}}});
    }
    return {std::move(any)};
}

Result<bool> ExportJob::step(ViewReader& reader) {
    if (deletions_) return look_for_deleted(reader);
    if (of_members() && members_.empty()) return false;
    VIGIL_TRY(page, reader.search(query()));
    for (const auto& record : page.records) {
        VIGIL_TRY(wanted, is_wanted(record));
        if (wanted) VIGIL_CHECK(write(record));
    }
    after_ = std::move(page.next);
    if (!after_.empty()) return true;
    members_from_ += members_together;
    if (of_members() && members_from_ < members_.size()) return true;
    VIGIL_CHECK(end_file(output_));
    next_type();
    if (type_ < request_.types.size()) return true;
    if (!request_.since) return false;
    deletions_ = true;
    type_ = 0;
    return true;
}

void ExportJob::next_type() {
    ++type_;
    members_from_ = 0;
    after_.clear();
}

Result<bool> ExportJob::is_wanted(const store::Record& record) {
    if (of_everyone()) return true;
    if (!of_members()) return record.subject && *record.subject != PatientId{};
    if (members_from_ == 0) return true;
    VIGIL_TRY(earlier, is_of_earlier_members(record));
    return !earlier;
}

// Then it has been written with those.
Result<bool> ExportJob::is_of_earlier_members(const store::Record& record) {
    const auto is_earlier = [&](std::string_view id) {
        const auto found = member_order_.find(id);
        return found != member_order_.end() && found->second < members_from_;
    };
    // Most name nobody else at all.
    if (std::ranges::none_of(patients_named(record.body), is_earlier)) return false;
    const auto* membership = parts_.rest->definitions.compartment("Patient", record.type);
    if (membership == nullptr) return false;
    VIGIL_TRY(resource, Resource::parse(resource_text(record)));
    VIGIL_TRY(extracted, extract(resource.json(), parts_.rest->extraction()));
    return std::ranges::any_of(extracted.rows, [&](const store::IndexRow& row) {
        const auto* to = std::get_if<store::ReferenceValue>(&row.value);
        return to != nullptr && to->type == "Patient" && is_earlier(to->id) &&
               std::ranges::find(membership->parameters, row.parameter) !=
                   membership->parameters.end();
    });
}

Result<void> ExportJob::write(const store::Record& record) {
    auto text = resource_text(record);
    const Subset subset{.summary = Summary::no, .elements = elements_of(request_, record.type)};
    if (!subset.whole()) text = subset_of(text, subset, parts_.rest->definitions);
    ++count_;
    if (record.subject && *record.subject) patients_.insert(*record.subject);
    return write_line(record.type, text);
}

// A Bundle for each, which deletes it where it is taken in (Bulk Data 2.0, "deleted"). Deleted
// Patients are told of wherever patients are exported; of named patients nothing more is known.
Result<bool> ExportJob::look_for_deleted(ViewReader& reader) {
    const auto& type = request_.types[type_];
    VIGIL_TRY(page, reader.records().history({.type = type,
                                              .id = {},
                                              .since = request_.since,
                                              .at = {},
                                              .after = after_,
                                              .count_max = page_of_records}));
    for (const auto& record : page.records) {
        if (!record.deleted) continue;
        const bool of_level = of_everyone() || (record.subject && *record.subject != PatientId{});
        const auto patient = record.subject ? parts_.patients.id(*record.subject) : std::nullopt;
        if (!of_level || (of_members() && !(patient && member_order_.contains(*patient)))) continue;
        VIGIL_TRY(now, reader.records().get(record.type, record.id));
        if (!now || now->version != record.version) continue;
        std::string text;
        JsonWriter json(text);
        json.begin_object().member("resourceType", "Bundle").member("type", "transaction");
        json.key("entry").begin_array().begin_object().key("request").begin_object();
        json.member("method", "DELETE")
            .member("url", fmt::format("{}/{}", record.type, record.id))
            .end_object()
            .end_object()
            .end_array()
            .end_object();
        if (record.subject && *record.subject) patients_.insert(*record.subject);
        VIGIL_CHECK(write_line("Bundle", text));
    }
    after_ = std::move(page.next);
    if (!after_.empty()) return true;
    next_type();
    if (type_ < request_.types.size()) return true;
    VIGIL_CHECK(end_file(deleted_));
    return false;
}

Result<void> ExportJob::write_line(std::string_view type, std::string_view text) {
    if (!file_) {
        current_ = {.type = std::string(type),
                    .name = fmt::format("{}{}.ndjson", deletions_ ? "deleted-" : "", type)};
        VIGIL_TRY(file, ExportWriter::create(parts_.folder + "/" + current_.name, parts_.sealer));
        file_.emplace(std::move(file));
    }
    ++current_.count;
    VIGIL_CHECK(file_->append(text));
    return file_->append("\n");
}

Result<void> ExportJob::end_file(std::vector<ExportedFile>& list) {
    if (!file_) return {};
    VIGIL_CHECK(file_->finish());
    bytes_ += file_->bytes();
    file_.reset();
    list.push_back(std::move(current_));
    return {};
}

}  // namespace vigil::fhir
