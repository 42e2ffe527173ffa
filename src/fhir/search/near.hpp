#pragma once
// Location?near=latitude|longitude|distance|units (R4 Location, Search Parameters: special
// parameter `near`): what lies within a distance on the great circle, on a sphere of the earth's
// mean radius (half a percent from WGS84's ellipsoid at most). Without units they are kilometres;
// without a distance it is `distance_default_m`.
//
// A Location is indexed by its position as two numbers of one group; a circle is looked for as the
// box around it, and what the box finds is measured.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "fhir/resource/outcome.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

struct GeoPosition {
    double latitude = 0, longitude = 0;  // degrees: -90 to 90, -180 to 180
};

struct NearArea {
    GeoPosition centre;
    double distance_m = 0;
};

constexpr double distance_default_m = 50'000;
constexpr const char* near_latitude_row = "near$1";
constexpr const char* near_longitude_row = "near$2";

Answer<NearArea> read_near(std::string_view value);
// Of Location.position; nothing: it is none on this earth.
std::optional<GeoPosition> position_of(JsonValue position);
double distance_m(const GeoPosition& a, const GeoPosition& b);
// Holds all of the area, and some around it; over the date line two, over a pole all longitudes.
store::Condition box_around(const NearArea& area);

}  // namespace vigil::fhir
