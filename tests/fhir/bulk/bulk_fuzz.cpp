// What arrives at $export and $import, of a kind that the first byte says: a kick-off's address or
// body, a file of an import in parts of some bytes, what was kept of a job.
#include <cstdint>
#include <string>

#include "fhir/bulk/export_request.hpp"
#include "fhir/bulk/export_state.hpp"
#include "fhir/bulk/given_text.hpp"
#include "fhir/bulk/import_request.hpp"
#include "fhir/bulk/import_state.hpp"
#include "fhir/bulk/no_records.hpp"

namespace vigil::fhir {
namespace {

struct Fixed {
    Definitions definitions;
    SearchParameters parameters{definitions};
    RestContext context{.definitions = definitions,
                        .parameters = parameters,
                        .base = "https://vigil.example/fhir",
                        .limits = {},
                        .now = [] { return Timestamp(); },
                        .new_id = [] { return std::string("id"); },
                        .validate = {}};
};

const RestContext& context() {
    static const Fixed all;
    return all.context;
}

void export_request(std::string_view url, std::string body) {
    Request request;
    static_cast<void>(read_url(url, request));
    request.method = body.empty() ? "GET" : "POST";
    request.asynchronous = true;
    request.body = std::move(body);
    NoRecords records;
    const auto read = read_export_request(request, false, records, context());
    if (read) static_cast<void>(elements_of(*read, "Patient"));
}

void import_request(std::string body) {
    Request request;
    request.body = std::move(body);
    const auto read = read_import_request(request, false, context().definitions,
                                          {{"https://source.example/files/"}});
    if (!read) return;
    for (const auto& input : read->inputs) {
        const auto file = file_of(input.url);
        const bool is_of_source = input.url.starts_with("https://source.example");
        if (file.empty() != is_of_source || file.find("..") == 0) __builtin_trap();
    }
}

std::vector<std::string> lines_of(const std::string& text, std::size_t part) {
    ImportText import(std::make_unique<GivenText>(text, part), {});
    std::vector<std::string> lines;
    ImportText::Line line;
    for (;;) {
        const auto state = import.next(line);
        if (!state || *state == ImportText::State::end) return lines;
        if (*state == ImportText::State::line) lines.push_back(line.text);
    }
}

void import_text(std::size_t part, const std::string& text) {
    const auto lines = lines_of(text, part);
    const bool is_packed = text.starts_with("\x1f\x8b");
    // However it comes, it is the same; of a broken gzip more or less of it is unpacked.
    if (!is_packed && lines != lines_of(text, text.size())) __builtin_trap();
}

}  // namespace
}  // namespace vigil::fhir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::fhir;
    if (size < 2) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'e':
            export_request(text, {});
            break;
        case 'b':
            export_request("Patient/$export", text);
            break;
        case 'm':
            import_request(text);
            break;
        case 's':
            static_cast<void>(read_import_state(text));
            static_cast<void>(read_import_progress(text));
            static_cast<void>(read_export_state(text));
            break;
        default:
            import_text(static_cast<unsigned char>(text[0]), text.substr(1));
    }
    return 0;
}
