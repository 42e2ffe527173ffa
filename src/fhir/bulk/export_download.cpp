#include "fhir/bulk/export_download.hpp"

#include <mutex>
#include <optional>

namespace vigil::fhir {
namespace {

constexpr std::size_t ahead_bytes = 512 << 10;

class Download : public std::enable_shared_from_this<Download> {
public:
    Download(ExportReading reading, std::function<void(std::function<void()>)> on_worker,
             std::function<bool()> may_go_on)
        : reading_(std::move(reading)),
          on_worker_(std::move(on_worker)),
          may_go_on_(std::move(may_go_on)) {}

    session::NextPart next(std::string& out) {
        using session::NextPart;
        if (!may_go_on_()) return NextPart::broken;
        const std::lock_guard lock(mutex_);
        if (failed_) return NextPart::broken;
        out += std::exchange(ready_, {});
        if (ended_) return NextPart::end;
        if (!std::exchange(under_way_, true))
            on_worker_([self = shared_from_this()] { self->read(); });
        return NextPart::more;
    }

private:
    void read() {
        std::string text;
        Result<bool> more = true;
        while (more && *more && text.size() < ahead_bytes) more = reading_.next(text);
        const std::lock_guard lock(mutex_);
        under_way_ = false;
        ready_ += text;
        failed_ = !more;
        ended_ = more && !*more;
    }

    ExportReading reading_;  // the worker's while one is under way
    std::function<void(std::function<void()>)> on_worker_;
    std::function<bool()> may_go_on_;
    std::mutex mutex_;
    std::string ready_;
    bool under_way_ = false, ended_ = false, failed_ = false;
};

}  // namespace

session::HttpResponse export_download(ExportReading reading,
                                      std::function<void(std::function<void()>)> on_worker,
                                      std::function<bool()> may_go_on) {
    auto download =
        std::make_shared<Download>(std::move(reading), std::move(on_worker), std::move(may_go_on));
    return {.status = 200,
            .headers = {{"content-type", "application/fhir+ndjson"}, {"cache-control", "no-store"}},
            .next_part = [download = std::move(download)](std::string& out) {
                return download->next(out);
            }};
}

}  // namespace vigil::fhir
