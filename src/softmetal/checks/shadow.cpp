#include "softmetal/checks/shadow.hpp"

#include <bit>
#include <sys/mman.h>

#include "ingot/error.hpp"

namespace softmetal {

Shadow::Shadow(std::size_t bytes) : bytes_(bytes) {
  allocate();
}

Shadow::~Shadow() {
  release();
}

// Pages that no access has touched cost nothing.
void Shadow::allocate() {
  const std::size_t count = (bytes_ >> shift_) + 1;
  void* memory = mmap(nullptr,
                      count * sizeof(Cell),
                      PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                      -1,
                      0);
  if (memory == MAP_FAILED) {
    throw ingot::Error(ingot::ErrorCode::kOutOfMemory,
                       "softmetal's checks",
                       "there is no memory for watching a buffer",
                       "use smaller buffers, or leave race and order out of SOFTMETAL_CHECK");
  }
  cells_ = static_cast<Cell*>(memory);
}

void Shadow::release() {
  munmap(cells_, ((bytes_ >> shift_) + 1) * sizeof(Cell));
}

void Shadow::clear() {
  release();
  allocate();
}

void Shadow::refine(std::size_t boundary) {
  const unsigned shift = std::countr_zero(boundary);
  const Cell* old_cells = cells_;
  const std::size_t old_count = (bytes_ >> shift_) + 1;
  const unsigned factor = 1u << (shift_ - shift);
  shift_ = shift;
  allocate();
  for (std::size_t i = 0; i < (bytes_ >> shift_) + 1; ++i) {
    const Cell& cell = old_cells[i / factor];
    if (!(cell.write.is_empty() && cell.read.is_empty())) {
      cells_[i] = cell;
    }
  }
  munmap(const_cast<Cell*>(old_cells), old_count * sizeof(Cell));
}

}  // namespace softmetal
