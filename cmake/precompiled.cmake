# Headers that most files read, parsed once: `src` for the rooms as far as identity/, `record` for those that
# stand on it, `share` and `app` for these two, and each with GoogleTest for the tests. A file still includes what it uses:
# `cmake --preset release -B build/plain -DVIGIL_PRECOMPILE=OFF` finds what it forgot.
option(VIGIL_PRECOMPILE "read headers that most files include once" ON)
set(VIGIL_PRECOMPILED_src <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <functional> <future>
    <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread> <unordered_map> <unordered_set> <utility>
    <variant> <vector> <fmt/format.h> base/decimal.hpp base/ids.hpp base/json.hpp base/json_writer.hpp base/result.hpp base/time.hpp)
set(VIGIL_PRECOMPILED_record ${VIGIL_PRECOMPILED_src} collect/act_desk.hpp collect/intake.hpp fhir/definition/definitions.hpp fhir/path/expression.hpp
    fhir/resource/outcome.hpp identity/access_desk.hpp identity/key_store.hpp identity/registry.hpp metric/catalogue.hpp session/http.hpp session/session.hpp store/log.hpp
    store/records.hpp store/series.hpp)
set(VIGIL_PRECOMPILED_share ${VIGIL_PRECOMPILED_record} share/api/api.hpp share/shapes.hpp)
set(VIGIL_PRECOMPILED_app ${VIGIL_PRECOMPILED_share} app/core.hpp <CLI/CLI.hpp>)
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

if(VIGIL_PRECOMPILE)
    foreach(kind src record share app)
        vigil_precompile(precompiled_${kind} HEADERS ${VIGIL_PRECOMPILED_${kind}})
        if(VIGIL_SANITIZE)  # the tests are built with the sanitizers alone
            vigil_precompile(precompiled_${kind}_tests HEADERS ${VIGIL_PRECOMPILED_${kind}} ${gtest}
                LIBRARIES GTest::gmock GTest::gtest)
        endif()
    endforeach()
endif()

# vigil_use_precompiled(TARGET ROOM [_tests])
function(vigil_use_precompiled target room)
    set(kind src)
    if(room MATCHES "^(collect|fhir)$")
        set(kind record)
    elseif(room MATCHES "^(share|app)$")
        set(kind ${room})
    endif()
    if(TARGET precompiled_${kind}${ARGN})
        target_precompile_headers(${target} REUSE_FROM precompiled_${kind}${ARGN})
        vigil_compile_precompiled(${target})
    endif()
endfunction()

# Joins files of a target that define no name twice (tests/house/batches.py): where all is compiled, once, as
# `./dev test` does. A build that is worked in reads each by itself, and warns of what hides what.
if(VIGIL_SANITIZE)
    option(VIGIL_JOIN "compile files together: less in all, more for each change" ON)
else()
    option(VIGIL_JOIN "compile files together: less in all, more for each change" OFF)
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(vigil_join target)  # vigil_join(TARGET FILE...)
    if(NOT VIGIL_JOIN OR NOT VIGIL_PRECOMPILE)
        return()
    endif()
    execute_process(COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/house/batches.py ${ARGN}
        OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" "|" lines "${lines}")
    string(REPLACE ";" "=" lines "${lines}")
    string(REPLACE "|" ";" lines "${lines}")
    foreach(line ${lines})
        string(REGEX MATCH "^([a-z0-9]+)=(.*)$" unused "${line}")
        if(CMAKE_MATCH_1 STREQUAL "alone")
            set_source_files_properties(${CMAKE_MATCH_2} TARGET_DIRECTORY ${target} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
        else()
            set_source_files_properties(${CMAKE_MATCH_2} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP "batch_${CMAKE_MATCH_1}")
        endif()
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    target_compile_options(${target} PRIVATE -Wno-shadow)
endfunction()
