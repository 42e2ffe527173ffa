// A page of a search, with what it brings along and the links around it (R4 3.1.1.5, 3.1.1.6).

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/percent.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/page_size.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/subset.hpp"

namespace vigil::fhir {
namespace {

constexpr std::uint64_t estimate_max = 10'000, accurate_max = 10'000'000;

// A page's cursor names the type it stands in, as a number in the request's list, and the place
// there: "0~…".
struct Cursor {
    std::size_t type = 0;
    std::string_view place;
};

std::optional<Cursor> read_cursor(std::string_view text, std::size_t types) {
    if (text.empty()) return Cursor{};
    Cursor cursor;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.type);
    if (error != std::errc() || end == text.data() + text.size() || *end != '~' ||
        cursor.type >= types)
        return std::nullopt;
    cursor.place = text.substr(static_cast<std::size_t>(end - text.data()) + 1);
    return cursor;
}

// What would look at too much is told so, with what to do about it.
tl::unexpected<Problem> too_costly(const Error& error) {
    if (error.kind != Error::Kind::too_large) return refuse(error);
    return refuse(400, "too-costly", error.message);
}

class SearchPage {
public:
    SearchPage(SearchRequest& search, store::RecordReader& reader, const RestContext& context)
        : search_(search), reader_(reader), context_(context), size_(search.count_max) {}

    Answer<void> find() {
        if (search_.summary == Summary::count) return count(accurate_max);
        const auto cursor = read_cursor(search_.cursor, search_.queries.size());
        if (!cursor) return refuse(400, "value", "this is no page of the search: start it again");
        auto place = std::string(cursor->place);
        for (auto i = cursor->type; i < search_.queries.size() && next_.empty(); ++i) {
            FHIR_TRY(after, find_of(search_.queries[i], std::exchange(place, {})));
            if (!after.empty())
                next_ = fmt::format("{}~{}", i, after);
            else if (size_.is_full() && i + 1 < search_.queries.size())
                next_ = fmt::format("{}~", i + 1);
        }
        if (search_.total != Total::none)
            FHIR_CHECK(count(search_.total == Total::accurate ? accurate_max : estimate_max));
        return bring_along();
    }

    Answer<void> take(std::vector<store::Record> matches) {
        matches_ = std::move(matches);
        return bring_along();
    }

    // Matches of one type, until the page is full; the cursor after the last, if there are more. A
    // few at a time, as many as their size so far allows: large resources make shorter pages. Where
    // fewer come than were asked for and there are more, so much was looked at for them that the
    // page ends.
    Answer<std::string> find_of(store::RecordQuery& query, std::string after) {
        bool is_short = false;
        do {
            query.after = std::move(after);
            query.count_max = size_.step();
            auto found = reader_.search(query);
            if (!found) return too_costly(found.error());
            size_.add(found->records);
            std::ranges::move(found->records, std::back_inserter(matches_));
            after = std::move(found->next);
            is_short = found->records.size() < query.count_max;
        } while (!after.empty() && !is_short && !size_.is_full());
        return after;
    }

    std::string bundle(std::string_view address) const {
        std::string text;
        JsonWriter json(text);
        json.begin_object().member("resourceType", "Bundle").member("type", "searchset");
        if (total_) json.member("total", *total_);
        write_links(json, address);
        if (!matches_.empty() || !search_.warnings.empty()) {
            json.key("entry").begin_array();
            for (const auto& record : matches_) write_entry(json, record, "match");
            for (const auto& record : included_) write_entry(json, record, "include");
            if (!search_.warnings.empty()) {
                json.begin_object().key("resource");
                write_outcome(json, search_.warnings);
                json.key("search").begin_object().member("mode", "outcome").end_object();
                json.end_object();
            }
            json.end_array();
        }
        json.end_object();
        return text;
    }

private:
    Answer<void> count(std::uint64_t at_most) {
        std::uint64_t all = 0;
        for (const auto& query : search_.queries) {
            const auto some = reader_.count(query, at_most - all);
            if (!some) return too_costly(some.error());
            all += *some;
            if (all >= at_most) break;
        }
        total_ = all;
        return {};
    }

    // What the matches refer to and what refers to them; with :iterate, of what came along too.
    Answer<void> bring_along() {
        if (search_.includes.empty() && search_.reverse_includes.empty()) return {};
        for (const auto& record : matches_) known_.emplace(record.type, record.id);
        auto fresh = matches_;
        for (bool first = true; !fresh.empty(); first = false) {
            std::vector<store::Record> found;
            for (const auto& include : search_.includes)
                if (first || include.iterate) FHIR_CHECK(forward(include, fresh, found));
            for (const auto& include : search_.reverse_includes)
                if (first || include.iterate) FHIR_CHECK(backward(include, fresh, found));
            std::erase_if(found, [&](const store::Record& record) {
                return !known_.emplace(record.type, record.id).second;
            });
            std::ranges::copy(found, std::back_inserter(included_));
            if (included_.size() > context_.limits.search.includes_max)
                return refuse(400, "too-costly",
                              fmt::format("a page would bring along more than {} resources: ask "
                                          "for fewer with _count",
                                          context_.limits.search.includes_max));
            fresh = std::move(found);
        }
        return {};
    }

    std::vector<std::string> reference_parameters(std::string_view type,
                                                  std::string_view parameter) const {
        if (parameter != "*") return {std::string(parameter)};
        std::vector<std::string> all;
        for (const auto& each : context_.parameters.of(type))
            if (each.type == SearchType::reference && each.is_ready) all.push_back(each.code);
        return all;
    }

    Answer<void> forward(const Include& include, const std::vector<store::Record>& from,
                         std::vector<store::Record>& out) {
        std::vector<store::Record> sources;
        for (const auto& record : from)
            if (include.source.empty() || record.type == include.source) {
                sources.push_back(record);
                sources.back().body.clear();
            }
        std::ranges::sort(sources, {}, &store::Record::type);
        while (!sources.empty()) {  // a type at a time: each has its own parameters
            const auto type = sources.front().type;
            const auto rest = std::ranges::partition(
                sources, [&](const store::Record& record) { return record.type == type; });
            const std::vector<store::Record> of_type(sources.begin(), rest.begin());
            sources.erase(sources.begin(), rest.begin());
            for (const auto& parameter : reference_parameters(type, include.parameter)) {
                FHIR_TRY(found, reader_.referred(of_type, parameter, include.target, room()));
                std::ranges::move(found, std::back_inserter(out));
            }
        }
        return {};
    }

    Answer<void> backward(const Include& include, const std::vector<store::Record>& to,
                          std::vector<store::Record>& out) {
        for (const auto& parameter : reference_parameters(include.source, include.parameter)) {
            FHIR_TRY(found, reader_.referring(to, include.source, parameter, room()));
            std::ranges::move(found, std::back_inserter(out));
        }
        return {};
    }

    std::size_t room() const { return context_.limits.search.includes_max + 1 - included_.size(); }

    void write_links(JsonWriter& json, std::string_view address) const {
        const auto link = [&](std::string_view relation, const Parameters& parameters) {
            const auto query = query_text(parameters);
            json.begin_object()
                .member("relation", relation)
                .member("url", fmt::format("{}{}{}", address, query.empty() ? "" : "?", query))
                .end_object();
        };
        json.key("link").begin_array();
        auto self = search_.used;
        if (!search_.cursor.empty()) self.emplace_back("_cursor", search_.cursor);
        link("self", self);
        if (!search_.cursor.empty()) link("first", search_.used);
        if (!next_.empty()) {
            auto following = search_.used;
            following.emplace_back("_cursor", next_);
            link("next", following);
        }
        json.end_array();
    }

    void write_entry(JsonWriter& json, const store::Record& record, std::string_view mode) const {
        auto text = resource_text(record);
        const Subset subset{search_.summary, search_.elements};
        if (!subset.whole()) text = subset_of(text, subset, context_.definitions);
        json.begin_object()
            .member("fullUrl", fmt::format("{}/{}/{}", context_.base, record.type, record.id))
            .key("resource")
            .verbatim(text)
            .key("search")
            .begin_object()
            .member("mode", mode)
            .end_object()
            .end_object();
    }

    SearchRequest& search_;
    store::RecordReader& reader_;
    const RestContext& context_;
    std::vector<store::Record> matches_, included_;
    std::set<std::pair<std::string, std::string>> known_;
    PageSize size_;
    std::string next_;
    std::optional<std::uint64_t> total_;
};

}  // namespace

std::string query_text(const Parameters& parameters) {
    std::string out;
    // Those have a meaning in a path or a fragment only, or in values of FHIR, and read better so.
    constexpr std::string_view plain = ":,/|$";
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out += '&';
        out += percent_encoded(name, plain) + "=" + percent_encoded(value, plain);
    }
    return out;
}

Answer<Response> answer_search(std::string_view type, const Request& request,
                               const std::vector<store::Condition>& within,
                               store::RecordReader& reader, const RestContext& context) {
    FHIR_TRY(search, read_search(type, request.query, context.search(request.strict, reader)));
    for (auto& query : search.queries)
        for (const auto& condition : within)
            std::get<store::AllOf>(query.where.is).conditions.push_back(condition);
    auto address = context.base;
    for (const auto& segment : request.segments) address += "/" + segment;
    return answer_page(search, address, reader, context);
}

Answer<Response> answer_page(SearchRequest& search, std::string_view address,
                             store::RecordReader& reader, const RestContext& context) {
    SearchPage page(search, reader, context);
    FHIR_CHECK(page.find());
    return Response{.status = 200,
                    .body = page.bundle(address),
                    .version = {},
                    .last_modified = {},
                    .location = {}};
}

Answer<Response> answer_records(SearchRequest& search, std::vector<store::Record> matches,
                                std::string_view address, store::RecordReader& reader,
                                const RestContext& context) {
    SearchPage page(search, reader, context);
    FHIR_CHECK(page.take(std::move(matches)));
    return Response{.status = 200,
                    .body = page.bundle(address),
                    .version = {},
                    .last_modified = {},
                    .location = {}};
}

}  // namespace vigil::fhir
