// The one instruction that Swift has no word for: CRC-32C, in every x86-64 since 2008. Where the
// processor has none, Storage works by table; both give the same.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

static inline int processor_has_crc32c(void) {
  unsigned int a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2);
}

/// The register after `count` bytes. Only where the processor has it.
__attribute__((target("sse4.2"))) static inline uint32_t processor_crc32c(
    uint32_t crc, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  uint64_t register64 = crc;
  for (; count >= 8; at += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    register64 = __builtin_ia32_crc32di(register64, word);
  }
  uint32_t register32 = (uint32_t)register64;
  for (; count > 0; at += 1, count -= 1) register32 = __builtin_ia32_crc32qi(register32, *at);
  return register32;
}
#else
static inline int processor_has_crc32c(void) { return 0; }

static inline uint32_t processor_crc32c(uint32_t crc, const void *bytes, size_t count) {
  (void)bytes, (void)count;
  return crc;
}
#endif
