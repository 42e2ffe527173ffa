#include "fhir/rest/json_patch.hpp"

#include <gtest/gtest.h>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

Answer<std::string> patched(std::string_view patch) {
    const auto before = Resource::parse(
        R"({"resourceType":"Patient","id":"1","name":[{"family":"A","given":["x","y"]}],"n":1.00})");
    return json_patch(before->json(), patch);
}

TEST(JsonPatch, adds_removes_replaces_moves_copies_and_tests) {
    EXPECT_EQ(*patched(R"([{"op":"test","path":"/name/0/family","value":"A"},
                           {"op":"replace","path":"/name/0/family","value":"B"},
                           {"op":"add","path":"/name/0/given/1","value":"between"},
                           {"op":"add","path":"/name/0/given/-","value":"z"},
                           {"op":"remove","path":"/name/0/given/0"},
                           {"op":"copy","from":"/name/0","path":"/name/-"},
                           {"op":"move","from":"/name/0/given/0","path":"/name/1/given/0"},
                           {"op":"add","path":"/active","value":true}])"),
              R"({"resourceType":"Patient","id":"1","name":[{"family":"B","given":["y","z"]},)"
              R"({"family":"B","given":["between","between","y","z"]}],"n":1.00,"active":true})");
}

TEST(JsonPatch, keeps_the_digits_of_numbers) {
    EXPECT_NE(patched("[]")->find("\"n\":1.00"), std::string::npos);
}

TEST(JsonPatch, leaves_no_empty_array) {
    EXPECT_EQ(patched(R"([{"op":"remove","path":"/name/0"}])")->find("name"), std::string::npos);
}

TEST(JsonPatch, that_cannot_be_done_is_422_and_one_that_is_none_400) {
    for (const auto* patch :
         {R"([{"op":"remove","path":"/gone"}])", R"([{"op":"replace","path":"/gone","value":1}])",
          R"([{"op":"test","path":"/n","value":1}])", R"([{"op":"add","path":"/a/b","value":1}])",
          R"([{"op":"add","path":"/name/7","value":1}])",
          R"([{"op":"add","path":"/name/01","value":1}])",
          R"([{"op":"move","from":"/name","path":"/name/0"}])", R"([{"op":"remove","path":""}])"})
        EXPECT_EQ(patched(patch).error().status, 422) << patch;
    for (const auto* patch :
         {"{}", "x", R"([{"op":"fly","path":"/n","value":1}])",
          R"([{"op":"add","path":"n","value":1}])", R"([{"op":"add","path":"/n"}])",
          R"([{"op":"remove"}])", R"([{"op":"remove","path":"/~2"}])"})
        EXPECT_EQ(patched(patch).error().status, 400) << patch;
}

// Each doubles what there is: forty of them would fill any memory.
TEST(JsonPatch, cannot_grow_without_bound) {
    std::string patch = "[";
    for (int i = 0; i < 40; ++i)
        patch += R"({"op":"copy","from":"","path":"/copy)" + std::to_string(i) + "\"},";
    patch.back() = ']';
    EXPECT_EQ(patched(patch).error().status, 413);
}

}  // namespace
}  // namespace vigil::fhir
