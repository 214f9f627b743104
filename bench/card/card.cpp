// A card where there is none: tensors said to stand on "cuda:0", held and computed by the processor.
//
// What goes wrong on a card alone goes wrong here too: tensors of both devices in one operation, a source of chance of the
// other one, memory that runs out. How fast a card is and what its own kernels do, this cannot say.
//
// Every operation on such tensors comes to `compute`, which lends their memory to the processor's kernel under the
// processor's name. Made after torch_openreg, the backend with which torch itself is tested without a device.

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <atomic>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace {

const c10::Device kCard(c10::DeviceType::CUDA, 0);
const c10::DispatchKeySet kCardKeys(c10::DispatchKey::CUDA), kProcessorKeys(c10::DispatchKey::CPU);
std::atomic<long> held{0}, most{0}, room{0};  // bytes; no room is any

// --- memory ---

// Memory of this process that counts as the card's for as long as it is held.
template <class Owner>
struct Loan {
  Loan(Owner owner, long bytes) : owner(std::move(owner)), bytes(bytes) {
    long now = held += bytes, before = most;
    while (now > before && !most.compare_exchange_weak(before, now)) {
    }
  }
  ~Loan() { held -= bytes; }
  static void end(void* loan) { delete static_cast<Loan*>(loan); }
  Owner owner;
  long bytes;
};

template <class Owner>
c10::DataPtr on_card(void* data, Owner owner, size_t bytes) {
  const long more = static_cast<long>(bytes);
  TORCH_CHECK_WITH(OutOfMemoryError, !room || held + more <= room, "CUDA out of memory. Tried to allocate ", more, " bytes.");
  return {data, new Loan<Owner>(std::move(owner), more), &Loan<Owner>::end, kCard};
}

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    auto taken = c10::GetCPUAllocator()->allocate(bytes);
    void* data = taken.get();
    return on_card(data, std::move(taken), bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }
};
Memory memory;

at::ScalarType type_of(std::optional<at::ScalarType> dtype) {
  return dtype.value_or(c10::get_default_dtype_as_scalartype());
}

at::Tensor empty(c10::SymIntArrayRef size, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(C10_AS_INTARRAYREF_SLOW(size), &memory, kCardKeys, type_of(dtype), format);
}

at::Tensor empty_strided(c10::SymIntArrayRef size, c10::SymIntArrayRef stride, std::optional<at::ScalarType> dtype,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(C10_AS_INTARRAYREF_SLOW(size), C10_AS_INTARRAYREF_SLOW(stride), &memory,
                                           kCardKeys, type_of(dtype));
}

// --- chance ---

// A source of chance of the card's. It draws as the processor's does, which a real card's does not.
struct Chance final : c10::GeneratorImpl {
  explicit Chance(at::Generator from) : c10::GeneratorImpl(kCard, kCardKeys), own(std::move(from)) {}
  void set_current_seed(uint64_t seed) override { own.set_current_seed(seed); }
  void set_offset(uint64_t offset) override { own.set_offset(offset); }
  uint64_t get_offset() const override { return own.get_offset(); }
  uint64_t current_seed() const override { return own.current_seed(); }
  uint64_t seed() override { return own.seed(); }
  void set_state(const c10::TensorImpl& state) override { own.unsafeGetGeneratorImpl()->set_state(state); }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override { return own.unsafeGetGeneratorImpl()->get_state(); }
  Chance* clone_impl() const override { return new Chance(own.clone()); }
  at::Generator own;
};

// --- one operation ---

struct Call {
  std::vector<std::pair<at::Tensor, at::Tensor>> lent;  // the card's, and the same memory under the processor's name
  bool card = false, processor = false, foreign_chance = false;

  at::Tensor down(const at::Tensor& given) {
    if (!given.defined()) return given;
    if (!given.is_cuda()) {
      processor = processor || (given.is_cpu() && given.dim() > 0);
      return given;
    }
    card = true;
    for (auto& [own, alias] : lent)
      if (own.is_same(given)) return alias;
    const auto& storage = given.storage();
    c10::DataPtr data(storage.mutable_data(), c10::Device(c10::DeviceType::CPU));
    c10::Storage under(c10::Storage::use_byte_size_t(), storage.nbytes(), std::move(data), c10::GetCPUAllocator(), true);
    lent.emplace_back(given, shaped(std::move(under), kProcessorKeys, given));
    return lent.back().second;
  }

  c10::IValue down(const c10::IValue& value) {
    if (value.isTensor()) return down(value.toTensor());
    if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const at::Tensor& each : value.toTensorVector()) list.push_back(down(each));
      return list;
    }
    if (value.isOptionalTensorList()) {
      c10::List<std::optional<at::Tensor>> list;
      for (const std::optional<at::Tensor>& each : value.toOptionalTensorVector())
        list.push_back(each ? std::optional<at::Tensor>(down(*each)) : std::nullopt);
      return list;
    }
    if (value.isDevice() && value.toDevice().is_cuda()) {
      card = true;
      return c10::Device(c10::DeviceType::CPU);
    }
    if (value.isGenerator() && value.toGenerator().defined()) {
      auto source = value.toGenerator();
      if (source.device().is_cuda()) return source.get<Chance>()->own;
      foreign_chance = true;
    }
    return value;
  }

  at::Tensor up(const at::Tensor& made) {
    if (!made.defined() || !made.is_cpu()) return made;
    for (auto& [own, alias] : lent)
      if (alias.is_same(made)) return own;
    for (auto& [own, alias] : lent)
      if (alias.storage().is_alias_of(made.storage())) return shaped(own.storage(), own.key_set(), made);
    const auto& under = made.storage();
    c10::Storage storage(c10::Storage::use_byte_size_t(), under.nbytes(),
                         on_card(under.mutable_data(), under, under.nbytes()), &memory, true);
    auto fresh = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), kCardKeys, made.dtype());
    return alike(std::move(fresh), made);
  }

  c10::IValue up(const c10::IValue& value) {
    if (value.isTensor()) return up(value.toTensor());
    if (!value.isTensorList()) return value;
    c10::List<at::Tensor> list;
    for (const at::Tensor& each : value.toTensorVector()) list.push_back(up(each));
    return list;
  }

  // What the kernel gave another shape or other memory in place has it on the card, too.
  void settle() {
    for (auto& [own, alias] : lent) {
      const auto &mine = own.storage(), &under = alias.storage();
      if (under.mutable_data() != mine.mutable_data() || under.nbytes() != mine.nbytes()) {
        mine.set_data_ptr_noswap(on_card(under.mutable_data(), under, under.nbytes()));
        mine.set_nbytes(under.nbytes());
      }
      if (own.sizes() != alias.sizes() || own.strides() != alias.strides() ||
          own.storage_offset() != alias.storage_offset())
        alike(own, alias);
    }
  }

  static at::Tensor alike(at::Tensor made, const at::Tensor& like) {
    made.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides(), like.storage_offset());
    made._set_conj(like.is_conj());
    made._set_neg(like.is_neg());
    return made;
  }

  static at::Tensor shaped(c10::Storage storage, c10::DispatchKeySet keys, const at::Tensor& like) {
    return alike(at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, std::move(storage), keys, like.dtype()),
                 like);
  }
};

// Whether a card takes a tensor of the processor too: to copy, and as the place in one of its own.
bool takes_both(const std::string& name, const c10::IValue& first) {
  static const std::unordered_set<std::string> copies{"aten::copy_", "aten::_copy_from"};
  static const std::unordered_set<std::string> places{"aten::index", "aten::_unsafe_index", "aten::index_put_",
                                                      "aten::index_put", "aten::_index_put_impl_"};
  return copies.count(name) || (places.count(name) && first.isTensor() && first.toTensor().is_cuda());
}

void compute(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const std::string& name = op.schema().operator_name().name;
  const size_t count = op.schema().arguments().size();
  const std::vector<c10::IValue> given(stack->end() - static_cast<long>(count), stack->end());
  Call call;
  torch::jit::Stack inner;
  for (const auto& value : given) inner.push_back(call.down(value));
  TORCH_CHECK(!(call.card && call.processor) || takes_both(name, given.front()),
              "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! (", name, ")");
  TORCH_CHECK(!(call.card && call.foreign_chance),
              "Expected a 'cuda' device type for generator but found 'cpu' (", name, ")");
  torch::jit::drop(*stack, count);
  op.redispatchBoxed(kProcessorKeys, &inner);
  call.settle();
  for (const auto& value : inner) stack->push_back(call.up(value));
}

// --- what torch asks of a card ---

struct Guard final : c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::CUDA> {
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
};

struct Hooks final : at::CUDAHooksInterface {
  explicit Hooks(at::CUDAHooksArgs) {}
  void init() const override {}
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  int getNumGPUs() const override { return 1; }
  at::Generator getNewGenerator(c10::DeviceIndex) const override {
    return at::make_generator<Chance>(at::detail::createCPUGenerator());
  }
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override {
    static const at::Generator shared = getNewGenerator(0);
    return shared;
  }
};

}  // namespace

namespace at {
using CUDAHooks = Hooks;  // the name under which torch looks for them
C10_REGISTER_CLASS(CUDAHooksRegistry, CUDAHooks, CUDAHooks)
}  // namespace at

namespace c10::impl {
C10_REGISTER_GUARD_IMPL(CUDA, Guard)
}

TORCH_LIBRARY_IMPL(_, CUDA, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>()); }

TORCH_LIBRARY_IMPL(aten, CUDA, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &empty_strided);
  // These have a plain way for every device, which would ask for a kernel of a card.
  m.impl("copy_", torch::CppFunction::makeFromBoxedFunction<&compute>());
  m.impl("lstm.input", torch::CppFunction::makeFromBoxedFunction<&compute>());
  m.impl("scaled_dot_product_attention", torch::CppFunction::makeFromBoxedFunction<&compute>());
}

extern "C" {
long bytes_held() { return held; }
long most_bytes_held() { return most; }
void forget_most() { most = held.load(); }
void limit(long bytes) { room = bytes; }
}
