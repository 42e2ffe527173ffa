#include "fhir/search/near.hpp"

#include <gmock/gmock.h>

namespace vigil::fhir {
namespace {

std::string code_of(std::string_view value) {
    const auto read = read_near(value);
    return read ? "none" : std::string(read.error().issues.front().code);
}

TEST(Near, a_distance_is_in_kilometres_unless_another_unit_is_named) {
    EXPECT_DOUBLE_EQ(read_near("52.5|13.4|2")->distance_m, 2'000);
    EXPECT_DOUBLE_EQ(read_near("52.5|13.4|2|km")->distance_m, 2'000);
    EXPECT_DOUBLE_EQ(read_near("52.5|13.4|2|m")->distance_m, 2);
    EXPECT_DOUBLE_EQ(read_near("52.5|13.4|2|[mi_i]")->distance_m, 3'218.688);
    EXPECT_DOUBLE_EQ(read_near("52.5|13.4|2|")->distance_m, 2'000);
    EXPECT_DOUBLE_EQ(read_near("52.5|13.4")->distance_m, distance_default_m);
    EXPECT_DOUBLE_EQ(read_near("-52.5|-13.4||")->centre.latitude, -52.5);
}

TEST(Near, what_is_no_place_on_earth_is_refused) {
    for (const auto* value : {"", "52.5", "91|0", "0|181", "x|0", "0|0|-1", "0|0|x", "0|0|1|kg",
                              "0|0|1|km|x", "nan|0", "0|inf", "0|0|inf"})
        EXPECT_EQ(code_of(value), "value") << value;
}

TEST(Near, measures_on_the_great_circle) {
    const GeoPosition berlin{52.516272, 13.377722}, lisbon{38.692668, -9.177944};
    EXPECT_NEAR(distance_m(berlin, lisbon), 2'317'722, 2'317'722 * 0.005);  // Vincenty, WGS84
    EXPECT_NEAR(distance_m({0, 179.5}, {0, -179.5}), 111'195, 10);
    EXPECT_NEAR(distance_m({89, 0}, {89, 180}), 222'390, 20);
    EXPECT_NEAR(distance_m({-90, 0}, {90, 77}), 20'015'115, 20);
    EXPECT_DOUBLE_EQ(distance_m(berlin, berlin), 0);
}

bool holds(const store::Condition& condition, const GeoPosition& place) {
    if (const auto* any = std::get_if<store::AnyOf>(&condition.is))
        return std::ranges::any_of(any->conditions,
                                   [&](const auto& one) { return holds(one, place); });
    if (const auto* together = std::get_if<store::Together>(&condition.is))
        return std::ranges::all_of(together->conditions,
                                   [&](const auto& one) { return holds(one, place); });
    const auto& match = std::get<store::NumberMatch>(condition.is);
    const auto value = match.parameter == near_latitude_row ? place.latitude : place.longitude;
    return match.value.low <= value && value <= match.value.high;
}

// Every place within the distance is in the box, at the poles and over the date line too.
TEST(Near, the_box_holds_the_whole_circle) {
    for (const double latitude : {-90.0, -89.5, -45.0, 0.0, 30.0, 89.9, 90.0})
        for (const double longitude : {-180.0, -179.9, 0.0, 13.4, 179.9, 180.0})
            for (const double metres : {1.0, 5'000.0, 500'000.0, 12'000'000.0}) {
                const NearArea area{{latitude, longitude}, metres};
                const auto box = box_around(area);
                for (int north = -90; north <= 90; north += 3)
                    for (int east = -180; east <= 180; east += 5) {
                        const GeoPosition place{static_cast<double>(north),
                                                static_cast<double>(east)};
                        if (distance_m(place, area.centre) <= metres)
                            EXPECT_TRUE(holds(box, place))
                                << latitude << " " << longitude << " " << metres << ": " << north
                                << " " << east;
                    }
                EXPECT_TRUE(holds(box, area.centre));
            }
    EXPECT_FALSE(holds(box_around({{0, 0}, 1'000}), {1, 0}));
    EXPECT_FALSE(holds(box_around({{0, 179.99}, 5'000}), {0, 179}));
    EXPECT_TRUE(holds(box_around({{0, 179.99}, 5'000}), {0, -179.99}));
}

}  // namespace
}  // namespace vigil::fhir
