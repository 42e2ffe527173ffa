// Whatever bytes stand where a snapshot of all that is watched should: refused, or a watch that
// goes on. An input that begins with 0 is the bytes themselves; any other is changes to a snapshot
// that is whole, three bytes each: where (two), and what is put there.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "monitor/signals/waves.hpp"

namespace {

using namespace vigil;
using namespace vigil::monitor;

constexpr std::int64_t seconds = 12;

const std::vector<Wave>& waves() {
    static const auto drawn = [] {
        auto all = two_leads(made::steady(seconds + 4), seconds + 4);
        all.push_back(vigil::monitor::pleth(made::steady(seconds + 4), seconds + 4));
        return all;
    }();
    return drawn;
}

// Of two patients, with devices, alarms, scores and signals.
const std::string& whole() {
    static const auto bytes = [] {
        Site site;
        site.associate(bedside_monitor, ada, 0);
        play(site, waves(), 0, seconds);
        site.read(oximeter, {}, "spo2", 70, site.now);
        site.read(bedside_monitor, ada, "resp_rate", 30, site.now);
        return site.watch.snapshot();
    }();
    return bytes;
}

std::string changed(std::string_view changes) {
    auto bytes = whole();
    for (; changes.size() >= 3; changes.remove_prefix(3)) {
        const auto at = static_cast<std::size_t>(static_cast<unsigned char>(changes[0])) << 8 |
                        static_cast<unsigned char>(changes[1]);
        bytes[at % bytes.size()] = changes[2];
    }
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.empty()) return 0;
    auto watch = SiteWatch::restore(
        the_tables(), input[0] == 0 ? std::string(input.substr(1)) : changed(input.substr(1)));
    if (!watch) return 0;
    Site site(false);
    site.now = seconds;
    play(site, waves(), seconds, seconds + 4);
    site.values(oximeter, ben, "spo2", 80, site.now + 3);
    if (!site.log.empty()) watch->warm_up(site.entry(1));
    for (std::size_t next = 1; next <= site.log.size(); ++next) {
        auto entry = site.entry(next);
        entry.position.offset += 1'000;
        watch->apply(entry);
    }
    (void)watch->take_events();
    for (const auto& [subject, monitor] : watch->monitors()) {
        (void)watch->signals(subject)->ecgs();
        (void)monitor.view();
    }
    (void)watch->snapshot();
    return 0;
}
