#include "fhir/search/near.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>

#include "fhir/search/number.hpp"
#include "fhir/search/request.hpp"

namespace vigil::fhir {
namespace {

constexpr double earth_radius_m = 6'371'008.8;  // IUGG mean radius R1
constexpr double half_circle_m = earth_radius_m * std::numbers::pi;
constexpr double degree = std::numbers::pi / 180;

std::optional<double> number_in(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<GeoPosition> position(std::string_view latitude, std::string_view longitude) {
    const auto north = number_in(latitude), east = number_in(longitude);
    if (!north || !east || std::abs(*north) > 90 || std::abs(*east) > 180) return std::nullopt;
    return GeoPosition{*north, *east};
}

// Metres in a unit of length; nothing: it is none that is known.
std::optional<double> metres_in(std::string_view unit) {
    struct Unit {
        std::string_view code;
        double metres;
    };
    // UCUM, and how people write them.
    constexpr std::array units = {
        Unit{"", 1'000},        Unit{"km", 1'000},        Unit{"kms", 1'000},
        Unit{"m", 1},           Unit{"cm", 0.01},         Unit{"[mi_i]", 1'609.344},
        Unit{"mi", 1'609.344},  Unit{"miles", 1'609.344}, Unit{"[mi_us]", 1'609.347},
        Unit{"[nmi_i]", 1'852}, Unit{"[ft_i]", 0.3048},   Unit{"ft", 0.3048},
        Unit{"[yd_i]", 0.9144}, Unit{"yd", 0.9144}};
    const auto found = std::ranges::find(units, unit, &Unit::code);
    return found == units.end() ? std::nullopt : std::optional(found->metres);
}

store::Condition within(const char* row, double low, double high) {
    return {store::NumberMatch{row, store::Comparison::equal, {{}, low, high}}};
}

}  // namespace

Answer<NearArea> read_near(std::string_view value) {
    const auto parts = split_escaped(value, '|');
    if (parts.size() < 2 || parts.size() > 4)
        return refuse(400, "value",
                      "near is latitude|longitude, latitude|longitude|distance or "
                      "latitude|longitude|distance|units");
    const auto centre = position(parts[0], parts[1]);
    if (!centre)
        return refuse(400, "value",
                      "near: a latitude is -90 to 90 degrees, a longitude -180 to 180");
    if (parts.size() == 2 || parts[2].empty()) return NearArea{*centre, distance_default_m};
    const auto distance = number_in(parts[2]);
    const auto metres = metres_in(parts.size() == 4 ? parts[3] : std::string_view());
    if (!distance || *distance < 0)
        return refuse(400, "value", "near: the distance is a number, not below 0");
    if (!metres)
        return refuse(400, "value",
                      "near: units are km, m, [mi_i], [nmi_i], [ft_i] or another UCUM unit of "
                      "length that this server knows");
    return NearArea{*centre, std::min(*distance * *metres, half_circle_m)};
}

std::optional<GeoPosition> position_of(JsonValue value) {
    if (!value["latitude"].is(JsonKind::number) || !value["longitude"].is(JsonKind::number))
        return std::nullopt;
    return position(value["latitude"].text(), value["longitude"].text());
}

// The haversine formula: exact also for what is close.
double distance_m(const GeoPosition& a, const GeoPosition& b) {
    const auto half_sine = [](double angle) {
        const auto sine = std::sin(angle * degree / 2);
        return sine * sine;
    };
    const auto part = half_sine(b.latitude - a.latitude) + std::cos(a.latitude * degree) *
                                                               std::cos(b.latitude * degree) *
                                                               half_sine(b.longitude - a.longitude);
    return 2 * earth_radius_m * std::asin(std::sqrt(std::clamp(part, 0.0, 1.0)));
}

store::Condition box_around(const NearArea& area) {
    constexpr double margin = 1e-9;  // degrees: what rounding takes
    const auto angle = area.distance_m / earth_radius_m / degree + margin;
    const auto& [latitude, longitude] = area.centre;
    const auto south = latitude - angle, north = latitude + angle;
    auto band = within(near_latitude_row, std::max(south, -90.0), std::min(north, 90.0));
    if (south <= -90 || north >= 90) return band;
    const auto sine = std::sin(angle * degree) / std::cos(latitude * degree);
    if (sine >= 1) return band;
    const auto width = std::asin(sine) / degree + margin;
    const auto box = [&](double west, double east) {
        return store::Condition{store::Together{{band, within(near_longitude_row, west, east)}}};
    };
    const auto west = longitude - width, east = longitude + width;
    if (west < -180) return {store::AnyOf{{box(-180, east), box(west + 360, 180)}}};
    if (east > 180) return {store::AnyOf{{box(west, 180), box(-180, east - 360)}}};
    return box(west, east);
}

}  // namespace vigil::fhir
