#include "fhir/bulk/import_request.hpp"

#include <gmock/gmock.h>

namespace vigil::fhir {
namespace {

const Definitions& definitions() {
    static const Definitions all;
    return all;
}

Answer<ImportRequest> read(std::string body, bool lenient = false) {
    Request request;
    request.method = "POST";
    request.body = std::move(body);
    return read_import_request(request, lenient, definitions(),
                               {{"https://source.example/files/", "https://whole.example"}});
}

std::string manifest(const std::string& inputs, const std::string& more = "") {
    return R"({"inputFormat":"application/fhir+ndjson","inputSource":"https://source.example")" +
           more + R"(,"input":[)" + inputs + "]}";
}

std::string code_of(const Answer<ImportRequest>& answer) {
    return answer ? "none" : std::string(answer.error().issues.front().code);
}

TEST(ImportRequest, reads_the_manifest_of_the_proposal_and_takes_patients_first) {
    const auto got = read(manifest(R"({"type":"Observation","url":"file:o.ndjson"},
        {"type":"Patient","url":"https://source.example/files/p.ndjson?sig=1"},
        {"type":"Condition","url":"file:c.ndjson"},{"type":"Patient","url":"file:p2.ndjson.gz"})",
                                   R"(,"storageDetail":{"type":"https"})"));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->source, "https://source.example");
    std::vector<std::string> urls;
    for (const auto& input : got->inputs) urls.push_back(input.url);
    EXPECT_THAT(urls,
                ::testing::ElementsAre("https://source.example/files/p.ndjson?sig=1",
                                       "file:p2.ndjson.gz", "file:o.ndjson", "file:c.ndjson"));
}

TEST(ImportRequest, reads_the_same_as_parameters_of_either_spelling) {
    for (const auto* kind : {"valueString", "valueCode", "valueUri", "valueUrl"}) {
        const std::string value = kind;
        const auto got =
            read(R"({"resourceType":"Parameters","parameter":[{"name":"inputFormat",")" + value +
                 R"(":"application/fhir+ndjson"},{"name":"mode",")" + value +
                 R"(":"IncrementalLoad"},{"name":"input","part":[{"name":"type",")" + value +
                 R"(":"Patient"},{"name":"url",")" + value + R"(":"file:p.ndjson"}]}]})");
        ASSERT_TRUE(got) << value;
        EXPECT_EQ(got->inputs.front().type, "Patient");
        EXPECT_EQ(got->inputs.front().url, "file:p.ndjson");
    }
}

TEST(ImportRequest, refuses_what_is_not_allowed_or_not_understood) {
    const auto input = [](const std::string& url) {
        return manifest(R"({"type":"Patient","url":")" + url + R"("})");
    };
    for (const auto* url :
         {"https://source.example/other/p.ndjson", "https://source.example.evil/files/p",
          "http://source.example/files/p", "https://source.example/files/../p",
          "https://source.example@evil/files/", "ftp://source.example/files/p", ""})
        EXPECT_EQ(code_of(read(input(url))), "forbidden") << url;
    EXPECT_EQ(code_of(read(input("https://whole.example/anything"))), "none");
    for (const auto* url : {"file:", "file:/etc/passwd", "file:../x", "file:a/../../x", "file:.x",
                            "file:a//b", "file:a/", "file:a%2e%2e", "file://host/x", "file:a b"})
        EXPECT_EQ(code_of(read(input(url))), "value") << url;
    EXPECT_EQ(code_of(read(manifest(""))), "required");
    EXPECT_EQ(code_of(read(R"({"input":[{"url":"file:p"}]})")), "required");
    EXPECT_EQ(code_of(read(manifest(R"({"type":"Patience","url":"file:p"})"))), "value");
    EXPECT_EQ(code_of(read(manifest(R"({"url":"file:p"})", R"(,"colour":"red")"))),
              "not-supported");
    EXPECT_EQ(code_of(read(manifest(R"({"url":"file:p"})", R"(,"colour":"red")"), true)), "none");
    EXPECT_EQ(
        code_of(read(manifest(R"({"url":"file:p"})", R"(,"storageDetail":{"type":"aws-s3"})"))),
        "not-supported");
    for (const auto* body : {"", "[]", "{", "7", R"({"resourceType":"Patient"})"})
        EXPECT_EQ(code_of(read(body)), "structure") << body;
}

}  // namespace
}  // namespace vigil::fhir
