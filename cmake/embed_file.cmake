# cmake -DINPUT=data/x.tsv -DOUTPUT=x.cpp -DNAME=x -P embed_file.cmake
file(READ "${INPUT}" text)
file(WRITE "${OUTPUT}" "// Made from ${INPUT}: change that file.\n#include <string_view>\n\n"
    "#pragma clang diagnostic ignored \"-Woverlength-strings\"\n"
    "namespace vigil::data {\nextern const std::string_view ${NAME};\n"
    "const std::string_view ${NAME} = R\"vigil(")
file(APPEND "${OUTPUT}" "${text}")
file(APPEND "${OUTPUT}" ")vigil\";\n}  // namespace vigil::data\n")
