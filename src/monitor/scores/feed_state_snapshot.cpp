#include "monitor/scores/feed_state.hpp"
#include "monitor/scores/snapshot_values.hpp"

namespace vigil::monitor {

void FeedState::encode(ByteWriter& out) const {
    out.varint(device_.value);
    out.varint(channel_);
    out.u8(waits_ ? 1 : 0);
    out.varint(samples_.size());
    for (const auto& sample : samples_) {
        out.signed_varint(unix_ns(sample.time));
        write(out, sample.value);
        out.u8(sample.counts ? 1 : 0);
    }
    out.u8(made_ ? 1 : 0);
    if (made_) write(out, *made_);
    out.u8(implausible_ ? 1 : 0);
    if (implausible_) write(out, *implausible_);
    out.varint(kept_.size());
    for (const auto& each : kept_) {
        write(out, each.measurement);
        out.varint(each.channel);
        out.u8(each.counts ? 1 : 0);
    }
}

std::optional<FeedState> FeedState::decode(ByteReader& in, Making making) {
    constexpr std::size_t samples_max = 61;
    FeedState made(making);
    const auto device = in.varint();
    const auto channel = in.varint();
    const auto waits = in.u8();
    const auto samples = in.varint();
    if (!device || *device > UINT32_MAX || !channel || *channel > UINT16_MAX || !waits ||
        *waits > 1 || !samples || *samples > samples_max)
        return std::nullopt;
    made.device_ = DeviceId{static_cast<std::uint32_t>(*device)};
    made.channel_ = static_cast<std::uint16_t>(*channel);
    made.waits_ = *waits == 1;
    for (std::uint64_t i = 0; i < *samples; ++i) {
        const auto time = read_time(in);
        const auto value = read_decimal(in);
        const auto counts = in.u8();
        if (!time || !value || !counts || *counts > 1) return std::nullopt;
        if (!made.samples_.empty() && *time < made.samples_.back().time) return std::nullopt;
        made.samples_.push_back({*time, *value, *counts == 1});
    }
    const auto has_made = in.u8();
    if (!has_made || *has_made > 1) return std::nullopt;
    if (*has_made == 1) {
        made.made_ = read_measurement(in);
        if (!made.made_) return std::nullopt;
    }
    const auto has_implausible = in.u8();
    if (!has_implausible || *has_implausible > 1) return std::nullopt;
    if (*has_implausible == 1) {
        made.implausible_ = read_measurement(in);
        if (!made.implausible_) return std::nullopt;
    }
    const auto kept = in.varint();
    if (!kept || *kept > window_kept) return std::nullopt;
    for (std::uint64_t i = 0; i < *kept; ++i) {
        auto measurement = read_measurement(in);
        const auto kept_channel = in.varint();
        const auto counts = in.u8();
        if (!measurement || !kept_channel || *kept_channel > UINT16_MAX || !counts || *counts > 1)
            return std::nullopt;
        if (!made.kept_.empty() && measurement->time < made.kept_.back().measurement.time)
            return std::nullopt;
        made.kept_.push_back(
            {std::move(*measurement), static_cast<std::uint16_t>(*kept_channel), *counts == 1});
    }
    return made;
}

}  // namespace vigil::monitor
