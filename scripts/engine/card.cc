// Which card CUDA computes on in this process, asked of the very libraries that libtensorflow has loaded: `require("card.node").describe()`.
// They are found by name and not linked: the same file loads on a machine without a card.
#include <dlfcn.h>
#include <node_api.h>

#include <string>

namespace {

// From cuda.h: the numbers of the two attributes.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

template <typename Function>
Function *Find(const char *library, const char *name, int flags = RTLD_NOLOAD) {
  void *handle = dlopen(library, RTLD_LAZY | flags);
  return handle == nullptr ? nullptr : reinterpret_cast<Function *>(dlsym(handle, name));
}

void Set(napi_env env, napi_value object, const char *key, const std::string &text) {
  napi_value value;
  if (text.empty())
    napi_get_null(env, &value);
  else
    napi_create_string_utf8(env, text.c_str(), text.size(), &value);
  napi_set_named_property(env, object, key, value);
}

std::string Dotted(size_t major, size_t minor) { return std::to_string(major) + "." + std::to_string(minor); }

// Of the first card that CUDA_VISIBLE_DEVICES leaves, which is the one that TensorFlow computes on.
void SetCard(napi_env env, napi_value card) {
  auto *device_get = Find<int(int *, int)>("libcuda.so.1", "cuDeviceGet");
  auto *name_of = Find<int(char *, int, int)>("libcuda.so.1", "cuDeviceGetName");
  auto *attribute_of = Find<int(int *, int, int)>("libcuda.so.1", "cuDeviceGetAttribute");
  int device = 0, major = 0, minor = 0;
  char name[256] = "";
  if (device_get == nullptr || name_of == nullptr || attribute_of == nullptr || device_get(&device, 0) != 0 ||
      name_of(name, sizeof(name), device) != 0 || attribute_of(&major, kComputeCapabilityMajor, device) != 0 ||
      attribute_of(&minor, kComputeCapabilityMinor, device) != 0)
    return;
  Set(env, card, "name", name);
  Set(env, card, "computeCapability", Dotted(major, minor));
}

// A container may have the driver without its management library: then what the driver says of itself.
std::string Driver() {
  auto *initialise = Find<int()>("libnvidia-ml.so.1", "nvmlInit_v2", 0);
  auto *version_of = Find<int(char *, unsigned)>("libnvidia-ml.so.1", "nvmlSystemGetDriverVersion", 0);
  char text[80] = "";
  if (initialise != nullptr && version_of != nullptr && initialise() == 0 && version_of(text, sizeof(text)) == 0)
    return text;
  auto *cuda_of = Find<int(int *)>("libcuda.so.1", "cuDriverGetVersion");
  int version = 0;
  if (cuda_of == nullptr || cuda_of(&version) != 0) return "";
  return "for CUDA " + Dotted(version / 1000, version % 1000 / 10);
}

std::string Cuda() {
  auto *version_of = Find<int(int *)>("libcudart.so.12", "cudaRuntimeGetVersion");
  int version = 0;
  if (version_of == nullptr || version_of(&version) != 0) return "";
  return Dotted(version / 1000, version % 1000 / 10);
}

std::string Cudnn() {
  auto *version_of = Find<size_t()>("libcudnn.so.9", "cudnnGetVersion");
  if (version_of == nullptr) return "";
  const size_t version = version_of();
  return Dotted(version / 10000, version % 10000 / 100) + "." + std::to_string(version % 100);
}

napi_value Describe(napi_env env, napi_callback_info) {
  napi_value card;
  napi_create_object(env, &card);
  SetCard(env, card);
  Set(env, card, "driver", Driver());
  Set(env, card, "cuda", Cuda());
  Set(env, card, "cudnn", Cudnn());
  return card;
}

napi_value Open(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "describe", NAPI_AUTO_LENGTH, Describe, nullptr, &function);
  napi_set_named_property(env, exports, "describe", function);
  return exports;
}

}  // namespace

NAPI_MODULE(card, Open)
