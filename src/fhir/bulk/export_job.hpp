#pragma once
// The work of one export, a page at a time: what the request asks for goes to files, a type each.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "fhir/bulk/export_file.hpp"
#include "fhir/bulk/export_request.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {

struct ExportedFile {
    std::string type, name;  // "Observation", "Observation.ndjson"
    std::uint64_t count = 0;
};

class ExportJob {
public:
    struct Parts {
        std::shared_ptr<const RestContext> rest;
        store::Sealer& sealer;
        const PatientNumbers& patients;
        std::string folder;  // its own, existing
    };
    ExportJob(ExportRequest request, std::vector<std::string> members, Parts parts);

    // One page. True: there is more.
    Result<bool> step(ViewReader& reader);

    const std::vector<ExportedFile>& output() const { return output_; }
    const std::vector<ExportedFile>& deleted() const { return deleted_; }
    std::uint64_t count() const { return count_; }
    // Whose data is in the files.
    const std::unordered_set<PatientId>& patients() const { return patients_; }
    std::uint64_t bytes() const { return bytes_ + (file_ ? file_->bytes() : 0); }
    std::string progress() const;

private:
    // Of named patients, so many are searched for together.
    static constexpr std::size_t members_together = 50;

    bool of_members() const {
        return request_.level == ExportRequest::Level::group || !request_.patients.empty();
    }
    bool of_everyone() const { return request_.level == ExportRequest::Level::system; }
    store::RecordQuery query() const;
    store::Condition of_these_members() const;
    Result<bool> is_wanted(const store::Record& record);
    Result<bool> is_of_earlier_members(const store::Record& record);
    Result<void> write(const store::Record& record);
    Result<bool> look_for_deleted(ViewReader& reader);
    Result<void> write_line(std::string_view type, std::string_view text);
    Result<void> end_file(std::vector<ExportedFile>& list);
    void next_type();

    ExportRequest request_;
    std::vector<std::string> members_;  // ids
    std::map<std::string, std::size_t, std::less<>> member_order_;
    Parts parts_;

    std::size_t type_ = 0, members_from_ = 0;
    std::string after_;       // the page
    bool deletions_ = false;  // all types are written; what was deleted follows
    std::optional<ExportWriter> file_;
    ExportedFile current_;
    std::vector<ExportedFile> output_, deleted_;
    std::uint64_t count_ = 0, bytes_ = 0;
    std::unordered_set<PatientId> patients_;
};

}  // namespace vigil::fhir
