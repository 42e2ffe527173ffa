# Compiles a text file of data/ into a room as one string constant: vigil::data::<name>. The file
# stays the source of truth; ninja rebuilds the constant when it changes.
function(vigil_embed room file name)
    set(output ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_SOURCE_DIR}/${file} -DOUTPUT=${output} -DNAME=${name}
                -P ${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake
        DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake
        COMMENT "embedding ${file}" VERBATIM)
    target_sources(vigil_${room} PRIVATE ${output})
endfunction()
