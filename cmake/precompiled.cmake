# Headers that most files read, parsed once: `src` for the rooms above identity/, `record` for those that
# stand on it, and both with GoogleTest for their tests. A file still includes what it uses: clang-tidy reads
# each without them (`./dev lint`).
set(VIGIL_PRECOMPILED_src <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <functional> <future>
    <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <unordered_set> <utility>
    <variant> <vector> <fmt/format.h> base/decimal.hpp base/ids.hpp base/json.hpp base/json_writer.hpp base/result.hpp base/time.hpp)
set(VIGIL_PRECOMPILED_record ${VIGIL_PRECOMPILED_src} collect/act_desk.hpp collect/intake.hpp fhir/definition/definitions.hpp fhir/path/expression.hpp
    fhir/resource/outcome.hpp identity/access_desk.hpp identity/key_store.hpp identity/registry.hpp metric/catalogue.hpp session/http.hpp session/session.hpp store/log.hpp
    store/records.hpp store/series.hpp)
set(gtest <gmock/gmock.h> <gtest/gtest.h>)

function(vigil_precompile name)
    cmake_parse_arguments(ARG "" "" "HEADERS;LIBRARIES" ${ARGN})
    add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE fmt::fmt tl::expected ${ARG_LIBRARIES})
    list(TRANSFORM ARG_HEADERS REPLACE "^([a-z]+/.*)$" "${CMAKE_SOURCE_DIR}/src/\\1")
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
    vigil_compile_precompiled(${name})
endfunction()

# ccache keeps objects made with a precompiled header only if that header carries no time stamp; templates
# that the headers themselves use are instantiated with them, not again in each file.
function(vigil_compile_precompiled target)
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp" -fpch-instantiate-templates)
endfunction()

vigil_precompile(precompiled_src HEADERS ${VIGIL_PRECOMPILED_src})
vigil_precompile(precompiled_record HEADERS ${VIGIL_PRECOMPILED_record})
if(VIGIL_SANITIZE)  # the tests are built with the sanitizers alone
    vigil_precompile(precompiled_src_tests HEADERS ${VIGIL_PRECOMPILED_src} ${gtest} LIBRARIES GTest::gmock GTest::gtest)
    vigil_precompile(precompiled_record_tests HEADERS ${VIGIL_PRECOMPILED_record} ${gtest} LIBRARIES GTest::gmock GTest::gtest)
endif()

# vigil_use_precompiled(TARGET ROOM [_tests])
function(vigil_use_precompiled target room)
    set(kind src)
    if(room MATCHES "^(collect|fhir|share|app)$")
        set(kind record)
    endif()
    if(TARGET precompiled_${kind}${ARGN})
        target_precompile_headers(${target} REUSE_FROM precompiled_${kind}${ARGN})
        vigil_compile_precompiled(${target})
    endif()
endfunction()
