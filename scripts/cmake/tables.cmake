# SPDX-License-Identifier: Apache-2.0
# The two tables are C headers; CMake reads the first word of each row, so that sources, tests, fuzz targets
# and documents follow from the row and from nothing else.
function(atalaya_read_table FILE MACRO OUT)
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${FILE}")
    file(STRINGS "${FILE}" rows REGEX "^${MACRO}\\([a-z0-9_]+")
    set(ids "")
    foreach(row IN LISTS rows)
        string(REGEX REPLACE "^${MACRO}\\(([a-z0-9_]+).*" "\\1" id "${row}")
        list(APPEND ids "${id}")
    endforeach()
    set(${OUT} "${ids}" PARENT_SCOPE)
endfunction()

atalaya_read_table("${PROJECT_SOURCE_DIR}/include/atalaya/protocol/protocols.def" ATALAYA_PROTOCOL
    ATALAYA_PROTOCOLS)
atalaya_read_table("${PROJECT_SOURCE_DIR}/include/atalaya/dsp/modems.def" ATALAYA_MODEM ATALAYA_MODEMS)
