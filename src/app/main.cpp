#include "app/command_line.hpp"
#include "app/own_secrets.hpp"

int main(int argc, char** argv) {
    vigil::app::keep_memory_to_itself();
    return vigil::app::run_command_line(argc, argv);
}
