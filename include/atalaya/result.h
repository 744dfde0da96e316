/* SPDX-License-Identifier: Apache-2.0 */
/* The one set of outcomes. A function either succeeds or leaves things as they were. */
#ifndef ATALAYA_RESULT_H
#define ATALAYA_RESULT_H

enum atalaya_result {
    ATALAYA_OK = 0,
    ATALAYA_END,           /* nothing more will come: end of file, closed pipe */
    ATALAYA_E_ARGUMENT,    /* the caller asked for what cannot be */
    ATALAYA_E_LENGTH,      /* too short or too long for its format */
    ATALAYA_E_CHECK,       /* CRC, FCS, BCH or checksum failed */
    ATALAYA_E_FORMAT,      /* not of the form its specification gives */
    ATALAYA_E_RANGE,       /* well-formed, but no such value exists (latitude 91) */
    ATALAYA_E_UNSUPPORTED, /* well-formed, but not something this program handles */
    ATALAYA_E_FULL,        /* a named cap was reached */
    ATALAYA_E_MEMORY,
    ATALAYA_E_IO,    /* the operating system or a library said no; the log has its words */
    ATALAYA_E_GONE,  /* a device or peer went away; opening it again may help */
    ATALAYA_E_DENIED /* refused: credentials, permissions, allow-list */
};

/* A short lower-case phrase for `result`, never NULL, static. Any thread. */
const char *atalaya_result_text(enum atalaya_result result);

#endif
