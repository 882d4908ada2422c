# One shape for the four applications; which one is said by two arguments:
#   docker build --build-arg PROJECT=services/ordering --build-arg ASSEMBLY=Shop.Ordering .
ARG DOTNET_SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG DOTNET_RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${DOTNET_SDK_IMAGE} AS build
WORKDIR /source
COPY . .
ARG PROJECT
ARG ASSEMBLY
RUN dotnet publish "${PROJECT}" --configuration Release --output /app -nodeReuse:false -p:UseSharedCompilation=false \
 && ln -s "${ASSEMBLY}" /app/run

FROM ${DOTNET_RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /app .
ENV ASPNETCORE_URLS=http://+:8080
EXPOSE 8080

# The user "app" of the runtime image, by its number: Kubernetes cannot tell that a name is not root.
USER 1654:1654
ENTRYPOINT ["/app/run"]
