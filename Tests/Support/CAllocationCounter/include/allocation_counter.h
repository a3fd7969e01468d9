// Counts what the whole process allocates, by standing in for the C library's allocator (glibc only: elsewhere
// allocation_counter_works is 0). For tests alone.
#pragma once

#include <stddef.h>

int allocation_counter_works(void);

/// From now on every allocation of every thread counts, and the first `sites` of them are remembered.
void allocation_counter_start(size_t sites);
/// Stops; returns the number of allocations.
size_t allocation_counter_stop(void);

/// Who made the n-th remembered allocation: up to `depth` return addresses, innermost first; 0 if there is no such.
size_t allocation_counter_site(size_t n, void **addresses, size_t depth, size_t *bytes);
/// The name of the function that an address lies in, or an empty text.
const char *allocation_counter_name(const void *address);
