#include "load/wave_source.hpp"

#include <cstring>

#include "codec/waveform/waveform_block.hpp"
#include "simulate/virtual_patient.hpp"

namespace vigil::load {
namespace {

constexpr std::int64_t shortened = 1'000;  // times: a message covers 1 ms
constexpr std::uint64_t covers_ns = 1'000'000'000 / shortened;
constexpr std::size_t patients = 4, seconds_of_each = 16;

// Places that are filled in for each message: a varint of five bytes and a time that no samples
// resemble.
constexpr std::uint64_t sequence_base = std::uint64_t{1} << 28;
constexpr std::int64_t start_marker = 0x0102'0304'0506'0708;
constexpr std::size_t sequence_place = codec::waveform::magic.size(), sequence_bytes = 5;

WaveMessages::Message message_of(const Catalogue& catalogue, std::vector<Reading> readings) {
    WaveMessages::Message message;
    for (auto& reading : readings) {
        auto& block = std::get<WaveformBlock>(reading.value);
        reading.device_time = from_unix_ns(start_marker);
        block.period = Nanoseconds(block.period.count() / shortened);
        message.samples += block.samples.size();
    }
    codec::waveform::encode(readings, catalogue, sequence_base, message.bytes);
    message.sequence_place = sequence_place;
    const std::string_view marker(reinterpret_cast<const char*>(&start_marker),
                                  sizeof start_marker);
    for (auto at = message.bytes.find(marker); at != std::string::npos;
         at = message.bytes.find(marker, at + 1))
        message.start_places.push_back(at);
    return message;
}

}  // namespace

WaveMessages::WaveMessages(const Catalogue& catalogue) {
    for (std::size_t number = 0; number < patients; ++number) {
        simulate::MonitorSettings monitor;
        monitor.ecg_hz = 500;
        simulate::VirtualPatient patient(catalogue, {}, monitor, number + 1,
                                         from_unix_ns(1'772'323'200'000'000'000));
        std::vector<simulate::Emission> emissions;
        patient.advance(std::chrono::seconds(seconds_of_each), emissions);
        for (auto& emission : emissions)
            if (emission.kind == simulate::Emission::Kind::waveform)
                messages_.push_back(message_of(catalogue, std::move(emission.readings)));
    }
}

double WaveMessages::samples_each() const {
    std::size_t samples = 0;
    for (const auto& message : messages_) samples += message.samples;
    return static_cast<double>(samples) / static_cast<double>(messages_.size());
}

void WaveSource::append(std::uint64_t time_ns, std::uint64_t sequence, std::string& out) {
    if (began_ns_ == 0) began_ns_ = time_ns;
    const auto& message = messages_.all()[(at_ + sequence) % messages_.all().size()];
    const auto at = out.size();
    out += message.bytes;
    auto number = sequence_base + sequence;
    for (std::size_t i = 0; i < sequence_bytes; ++i, number >>= 7)
        out[at + message.sequence_place + i] =
            static_cast<char>((number & 0x7F) | (i + 1 < sequence_bytes ? 0x80 : 0));
    const std::uint64_t start = began_ns_ + sequence * covers_ns;
    for (const auto place : message.start_places)
        std::memcpy(out.data() + at + place, &start, sizeof start);
}

}  // namespace vigil::load
