#pragma once
// A person is erased (GDPR 17): the act, then all that it means for what is stored, then the
// certificate of it. docs/decisions/0033-erasure.md.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/data_folder.hpp"
#include "base/result.hpp"
#include "collect/act_desk.hpp"
#include "identity/consents.hpp"
#include "identity/registry.hpp"
#include "share/api/privacy.hpp"

namespace vigil::app {

// Copies of the key folder are kept no longer (docs/guides/privacy.md): after that nobody has it.
constexpr Nanoseconds key_copies_kept_for = std::chrono::hours(24 * 30);

struct ErasureParts {
    DataFolder& folder;
    identity::Registry& registry;
    collect::ActDesk& acts;
    identity::Consents& consents;
    int record_kept_years = 0;  // since the last entry, by law; 0: no such duty
    std::string site_name, version;
    std::function<Timestamp()> now;
    std::function<void(std::function<void()>)> on_worker, on_loop;
    std::function<bool()> is_moving_readings;  // an association is still being carried out
    std::function<void()> end_exports;         // that may hold anybody's data
};

// On the loop's thread but where it says otherwise.
class Erasure {
public:
    explicit Erasure(ErasureParts parts) : parts_(std::move(parts)) {}

    // `done`, on the loop, is given the certificate; `conflict` where a hold or a duty forbids it.
    void erase(PatientId patient, std::string reason, identity::Given given,
               std::function<void(Result<std::string>)> done);
    // From any thread. Nothing: nobody was erased under this number.
    Result<std::optional<std::string>> certificate(PatientId patient);

    // At the start, the log replayed. Acts that the keys know of and the log does not: a backup
    // from before was restored. To be given and waited for, each.
    Result<std::vector<identity::Act>> missing_acts();
    // And what a crash or a restore left of those who are erased. Waits for the disk.
    Result<void> finish_left();

private:
    using DoneWithText = std::function<void(Result<std::string>)>;

    Result<void> check_duty(PatientId patient, Timestamp now);
    void give(PatientId patient, std::string reason, const identity::Given& given,
              DoneWithText done);
    void close_accounts(PatientId patient, const identity::Given& given);
    void destroy(identity::Erased erased, DoneWithText done);
    // Key, rows, what was deleted; on a worker, the series gone already.
    Result<std::string> destroy_rest(const identity::Erased& erased);

    ErasureParts parts_;
};

}  // namespace vigil::app
